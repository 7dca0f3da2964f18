-- 依本人職等的國內出差與膳雜標準（FN-R-003 第 9 至 11 條）。
select l.kind, l.area, l.limit_amount || ' ' || l.unit as limit_amount, c.grade
from company.contacts c
join company.expense_limits l on c.grade between l.grade_from and l.grade_to
where c.employee_number = :person
  and (:kind::text is null or l.kind = :kind::text)
order by l.kind, l.limit_amount desc
