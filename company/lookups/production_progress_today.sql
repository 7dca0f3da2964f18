-- 每天收工前告訴廠長與生管：進行中的工單各做到哪裡。每人一列，所以先把工單併成一段。
select c.employee_number as person, orders.running, orders.summary
from company.contacts c
cross join (
  select count(*) as running,
         string_agg(model || '（' || line || '）' || round(100.0 * done_qty / planned_qty) || '%，預計 '
                    || to_char(due_on::date, 'MM/DD') || ' 完工', '；' order by line, model) as summary
  from company.production_orders
  where status = '生產中'
) orders
where c.department = '桃園廠' and orders.running > 0
