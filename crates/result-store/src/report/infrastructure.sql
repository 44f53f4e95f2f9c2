SELECT device_type::text, status::text, count(*)::text
FROM infrastructure.devices
GROUP BY device_type, status
ORDER BY device_type, status
