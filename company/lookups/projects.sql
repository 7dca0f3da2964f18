-- 進行中的專案在前，關卡日期近的先看。
select p.project_code, p.project, p.grade, p.gate, p.gate_due_on, c.name as owner, p.status,
       p.progress || '%' as progress, p.next_step
from company.projects p
left join company.contacts c on c.employee_number = p.owner
where :project::text is null or p.project_code = :project::text
order by p.status = '已結案', p.gate_due_on, p.project_code
