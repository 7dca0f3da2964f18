-- 每天早上告訴客服部與業務部：訂單卡在哪裡。每人一列。
select c.employee_number as person, o.waiting, o.moving, o.short, o.oldest
from company.contacts c
cross join (
  select count(*) filter (where status in ('處理中', '揀貨中')) as waiting,
         count(*) filter (where status = '運送中') as moving,
         count(*) filter (where status = '缺貨待補') as short,
         coalesce(min(order_no) filter (where status = '缺貨待補'), '無') as oldest
  from company.orders
) o
where c.department in ('業務部', '客服部')
