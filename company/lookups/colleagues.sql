-- 通訊錄的選單：值是員工編號，按鈕上是姓名。
select employee_number, name, department
from company.contacts
order by department, employee_number
