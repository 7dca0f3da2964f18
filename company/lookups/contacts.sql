-- 通訊錄：同仁，後面是各部門的服務窗口分機。
select name, department, job, extension, email
from (
  select employee_number, name, department, job, extension::text as extension, email, 0 as place
  from company.contacts
  union all
  select null, service, department, remark, extension::text, coalesce(email, ''), 1
  from company.hotlines
) directory
where (:who::text is null or employee_number = :who::text)
  and (:department::text is null or department = :department::text)
order by place, employee_number, name
