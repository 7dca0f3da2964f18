-- 本人的待辦與待審，期限近的在前。
select t.todo_no, t.kind, t.subject, c.name as asked_by, t.due_on, t.status
from company.todos t
left join company.contacts c on c.employee_number = t.asked_by
where t.employee_number = :person
  and (:kind::text is null or t.kind = :kind::text)
order by t.status = '已完成', t.due_on, t.todo_no
