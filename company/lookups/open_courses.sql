-- 訓練報名單的選單：還有名額的課。
select course_code, course, held_on, seats_left
from company.courses
where seats_left > 0
order by held_on, course_code
