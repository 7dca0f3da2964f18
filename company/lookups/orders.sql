-- 同仁看訂單：還沒到貨的排前面，最早該出貨的先看。
select order_no, buyer, items, amount, status, ship_by, coalesce(nullif(remark, ''), '—') as remark
from company.orders
where :status::text is null or status = :status::text
order by status in ('已送達', '已取消'), ship_by, order_no
