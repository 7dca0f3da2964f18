-- 派工單與工作日誌的選單：還沒結案的專案。
select project_code, project, gate
from company.projects
where status <> '已結案'
order by project_code
