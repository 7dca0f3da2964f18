-- 總部彈性班今天還沒有打卡、也沒有請假的人。今天以公司的時區算。
with today as (select (now() at time zone 'Asia/Taipei')::date as day)
select c.employee_number as person, c.name
from company.contacts c, today
where c.shift = '常日彈性班'
  and not exists (
    select 1 from company.attendance a
    where a.employee_number = c.employee_number and a.work_date::date = today.day
      and nullif(a.clock_in::text, '') is not null)
  and not exists (
    select 1 from company.leaves l
    where l.employee_number = c.employee_number and l.status in ('已核准', '已休')
      and today.day between l.starts_on::date and l.ends_on::date)
order by c.employee_number
