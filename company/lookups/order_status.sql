-- 客戶查自己的訂單：訂單編號與收件人手機末三碼都對才找得到。
select order_no, items, status, ordered_on,
       coalesce(nullif(carrier, ''), '尚未交運') as carrier,
       coalesce(nullif(tracking_no, ''), '—') as tracking_no,
       arrives_on, coalesce(nullif(remark, ''), '—') as remark
from company.orders
where order_no = upper(:order_no::text)
  and lpad(phone_last3::text, 3, '0') = :phone_last3::text
