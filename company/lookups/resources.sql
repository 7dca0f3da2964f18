-- 會議室、設備、車輛，和之後已經被預約的時段。
select r.resource, r.kind, r.place, r.capacity, r.status,
       coalesce(string_agg(to_char(b.booked_on::date, 'MM/DD') || ' ' || left(b.starts_at::text, 5) || '–'
                           || left(b.ends_at::text, 5), '、' order by b.booked_on, b.starts_at), '—') as booked,
       coalesce(nullif(r.remark, ''), '—') as remark
from company.resources r
left join company.bookings b on b.resource = r.resource
where :kind::text is null or r.kind = :kind::text
group by r.resource, r.kind, r.place, r.capacity, r.status, r.remark
order by r.kind, r.resource
