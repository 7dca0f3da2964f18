-- 手上還有待辦或待審的人，每人一列。
select employee_number as person,
       count(*) filter (where kind = '待辦') as todos, count(*) filter (where kind = '審核') as reviews,
       to_char(min(due_on::date), 'MM/DD') as first_due,
       string_agg(subject, '、' order by due_on, todo_no) as subjects
from company.todos
where status = '待處理'
group by employee_number
order by employee_number
