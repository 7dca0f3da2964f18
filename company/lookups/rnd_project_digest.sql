-- 每週一告訴專案負責人：手上的專案到哪一關、下一步是什麼。每人一列。
select owner as person, count(*) as running,
       string_agg(project || '：' || gate || '（' || to_char(gate_due_on::date, 'MM/DD') || '）' || progress || '%，'
                  || next_step, '；' order by gate_due_on, project_code) as summary
from company.projects
where status <> '已結案'
group by owner
order by owner
