-- 還有人資審核沒做的主管，每人一列，最近的期限先寫。
select employee_number as person, count(*) as waiting,
       to_char(min(due_on::date), 'MM/DD') as first_due,
       string_agg(subject, '、' order by due_on, subject) as subjects
from company.hr_reviews
where status = '待審'
group by employee_number
order by employee_number
