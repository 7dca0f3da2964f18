-- 預約單的選單：可以預約或借用的。
select resource, resource as label, place, capacity
from company.resources
where status in ('可預約', '可借用')
order by kind, resource
