-- 本人最近的出勤，新的在前。
select work_date,
       coalesce(left(nullif(clock_in::text, ''), 5), '—') as clock_in,
       coalesce(left(nullif(clock_out::text, ''), 5), '—') as clock_out,
       status, coalesce(nullif(note, ''), '—') as note
from company.attendance
where employee_number = :person
order by work_date desc
