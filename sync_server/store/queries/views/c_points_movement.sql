SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, member_id, points,
       reason
FROM points_movement
