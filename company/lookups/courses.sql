-- 還可以報名的課，日期近的在前。第一、二欄也當作報名單的選單。
select course_code, course, kind, held_on, left(starts_at::text, 5) as starts_at, hours, place, seats_left, fee
from company.courses
where seats_left > 0
  and (:kind::text is null or kind = :kind::text)
order by held_on, course_code
