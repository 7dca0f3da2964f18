-- 出勤有缺卡而還沒有補的人，每人一列。
select employee_number as person, count(*) as missing,
       string_agg(to_char(work_date::date, 'MM/DD') || ' ' || status, '、' order by work_date) as problems
from company.attendance
where status in ('缺上班卡', '缺下班卡')
group by employee_number
order by employee_number
