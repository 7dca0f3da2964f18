-- 有報支單草稿還沒送出的人，每人一列。
select employee_number as person, count(*) as drafts, sum(amount) as total,
       to_char(min(spent_on::date), 'MM/DD') as oldest,
       string_agg(purpose, '、' order by spent_on) as subjects
from company.expense_claims
where status = '草稿'
group by employee_number
order by employee_number
