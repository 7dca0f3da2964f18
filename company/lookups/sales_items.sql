-- 給客戶與同仁看的商品資料：售價、規格、保固、現貨。
select model, item, price || ' 元' as price, spec, warranty,
       case when stock >= 100 then '有現貨' when stock > 0 then '剩 ' || stock || ' 件' else '缺貨' end as stock
from company.items
where :model::text is null or model = :model::text
order by category, model
