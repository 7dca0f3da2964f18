-- 產線與物流的異常，最近的排前面。
select alert_no, happened_on, line, kind,
       case when minutes > 0 then minutes || ' 分鐘' else '—' end as stopped, description, status
from company.production_alerts
where (:line::text is null or line = :line::text)
order by happened_on desc, happened_at desc
