-- 型號在工廠的資料：哪一條線、節拍、冷媒量、關鍵零件。
select model, item, line, takt_seconds || ' 秒' as takt,
       coalesce(nullif(refrigerant_g::text, '') || ' 公克', '無冷媒') as refrigerant,
       package_kg || ' 公斤' as package, key_parts, spec
from company.items
where nullif(line::text, '') is not null
  and (:model::text is null or model = :model::text)
order by line, model
