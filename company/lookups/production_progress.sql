-- 還沒完工的工單排前面；進度是完成數占計畫數。
select order_no, model, line, done_qty || '／' || planned_qty as done,
       round(100.0 * done_qty / planned_qty) || '%' as progress,
       due_on, status, coalesce(nullif(remark, ''), '—') as remark
from company.production_orders
where (:model::text is null or model = :model::text)
  and (:line::text is null or line = :line::text)
order by status = '已完工', due_on, order_no
