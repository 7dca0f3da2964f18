-- 每週一給部門主管以上的數字：最近一週的各項指標。職等 9 以上是高階主管。每人一列。
select c.employee_number as person, f.week, f.figures
from company.contacts c
cross join (
  select to_char(week_ends_on::date, 'MM/DD') as week,
         string_agg(measure || ' ' || amount, '；' order by measure) as figures
  from (
    select week_ends_on, measure, value || ' ' || unit || coalesce('（' || nullif(change, '') || '）', '') as amount
    from company.figures
    where week_ends_on = (select max(week_ends_on) from company.figures)
  ) latest
  group by week_ends_on
) f
where c.grade >= 9
order by c.employee_number
