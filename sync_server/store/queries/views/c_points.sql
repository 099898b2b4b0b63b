SELECT member_id, CAST(SUM(points) AS BIGINT) AS points
FROM points_movement
GROUP BY member_id
