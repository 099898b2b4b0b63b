"""Every stable code that a service may raise or show as a notice: each has a sentence in both languages.

The lower layers' codes that reach a front end through a service are listed too, so that one test can
hold the translation catalogues against this file.
"""

from __future__ import annotations

SESSION = (
    "wrong_pin",  # facts: attempts_left
    "locked_out",  # facts: seconds
    "unknown_operator",
    "pin_too_short",  # facts: minimum
    "operator_locked",
    "own_credential",
    "credential_above",  # facts: role
    "locked_by_head_office",
    "pins_differ",
    "not_signed_on",
    "already_signed_on",
    "not_allowed",  # the operator's role does not allow it
    "not_enrolled",
    "revoked_here",
)
SHIFT = (
    "no_open_shift",
    "shift_already_open",
    "bad_float",
    "basket_open",
    "baskets_held",  # facts: count
    "not_counted",  # facts: tender_code
    "count_stale",
    "bad_count",  # facts: tender_code
    "unknown_reason",  # facts: reason_code
    "unknown_report",  # facts: z_number
    "unknown_day",  # facts: text
    "own_hand_over",
    "in_training",
    "training_unavailable",
)
RING_UP = (
    "unknown_code",  # facts: seen
    "bad_check_digit",  # facts: seen
    "not_a_barcode",  # facts: seen
    "item_not_sold",  # facts: sku, name
    "no_price",  # facts: sku, name
    "bad_quantity",  # facts: text
    "bad_weight",
    "bad_price",
    "quantity_too_high",  # facts: maximum
    "quantity_fixed",
    "quantity_not_whole",  # pieces are whole; facts: sku
    "unknown_line",  # facts: line_no
    "line_voided",  # facts: line_no
    "no_line_chosen",
    "bad_note",  # facts: maximum
    "empty_entry",
    "basket_empty",
    "basket_locked",  # payment has begun or the sale is being written
    "basket_too_large",  # facts: maximum
    "no_release",  # nothing has ever been published to this workstation
)
HOLDING = (
    "basket_not_empty",
    "unknown_held",  # facts: held_id
    "held_elsewhere",  # facts: at
    "too_many_held",  # facts: maximum
    "bad_basket",  # an earlier program's basket that cannot be read
)
RETURNS = (
    "nothing_returned",
    "no_deposit",  # facts: seen
    "pay_out_instead",  # facts: line_no
    "not_returnable",  # facts: line_no
    "returned_too_much",  # facts: left_milli
    "receipt_elsewhere",  # facts: workstation_id
    "look_up_offline",
    "look_up_refused",  # facts: server_code
    "receipt_code_torn",
    "receipt_code_foreign",
    "receipt_code_unknown_key",  # facts: workstation_id
    "receipt_code_revoked",  # facts: workstation
    "receipt_code_altered",  # facts: workstation
    "above_return_cap",  # facts: maximum_minor
    "return_needs_its_release",
    "return_more_than_is_left",
)
APPROVALS = (
    "approval_needed",  # facts: approval, kind, rate_ppm, amount_minor
    "authorisation_needed",  # facts: question, what; the front end has it asked
    "own_approval",
    "approver_limit",  # facts: role
    "approval_gone",
    "price_not_lower",  # facts: price_minor
    "discount_without_effect",  # facts: total_minor
    "not_discountable",
    "bad_role_limits",
    "bad_reason_codes",
    "bad_by_hand",
)
PAYMENT = (
    "payment_not_begun",
    "price_changed",  # facts: total_minor, before_minor; this is scanning again
    "age_not_confirmed",  # facts: years
    "claimed_tender",  # points pay; they are changed in the basket
    "unknown_tender",  # facts: tender_code
    "bad_amount",
    "tender_too_high",  # facts: remaining_minor; only cash gives change
    "change_too_high",  # facts: maximum_minor
    "not_fully_paid",  # facts: remaining_minor
    "nothing_to_pay",
    "already_paid",
    "unknown_tender_line",  # facts: index
    "sale_being_written",
    "tender_too_low",  # facts: minimum_minor
    "tender_must_cover",  # facts: remaining_minor
    "tender_over_most",  # facts: maximum_minor
    "tender_too_often",  # facts: maximum
    "reference_required",
    "reference_twice",
    "voucher_used",  # facts: number
)
MEMBERS = (
    "bad_member_code",  # facts: minimum
    "bad_phone",
    "unknown_member",
    "member_exists",
    "bad_name",
    "bad_birthday",
    "nothing_to_edit",
    "member_erased",
    "no_member",
    "member_not_proven",
    "member_frozen",
    "claims_frozen",
    "not_a_gift_card",
    "unknown_gift_card",
    "gift_card_not_sold",
    "gift_card_blocked",  # facts: last_four
    "member_code_unknown",
    "wrong_member_code",  # facts: attempts_left
    "member_code_locked",  # facts: seconds
    "not_a_coupon",
    "unknown_coupon",
    "coupon_forged",
    "coupon_for_another",
    "coupon_out_of_time",
    "coupon_used",
    "coupon_coming",
    "allowance_asked",  # facts: kind, units
    "coupon_not_here",  # facts: offline_class
    "no_points_rule",
    "not_enough_points",  # facts: points, minimum
    "no_top_up",
    "top_up_not_taken",  # facts: least_minor, most_minor
    "purse_too_full",  # facts: maximum_minor
    "not_enough_stored_value",  # facts: balance_minor
    "nothing_for_purse",  # facts: amount_minor
    "bad_stored_value_policy",
)
STOCK = (
    "date_needed",  # facts: name
    "slip_torn",
    "slip_not_for_us",  # facts: store_id
    "slip_unknown_key",  # facts: workstation_id
    "slip_altered",  # facts: workstation
    "slip_of_another",  # facts: transfer_id
    "list_being_written",
    "list_empty",
    "recount_first",  # facts: count
    "unknown_count",  # facts: session_id
    "unknown_list",  # facts: list_id
    "bad_count_session",  # facts: session_id
    "unknown_order",  # facts: order_id
    "unknown_supplier",  # facts: supplier_id
    "recount_by_another",  # facts: name, count
    "not_in_count",  # facts: name, department, scope
    "unknown_reservation",  # facts: reservation_id
    "reservation_over",  # facts: reservation_id, state
    "reservation_elsewhere",  # facts: reservation_id, store
    "reservation_in_basket",  # facts: reservation_id
    "order_below_minimum",  # facts: value_minor, minimum_minor
    "unknown_transfer",  # facts: transfer_id
    "unknown_store",  # facts: store_id
    "already_booked",  # facts: transfer_id
)
TILL = ("bad_movement_kind", "reason_required")
TERMINAL = (
    "charge_pending",  # facts: amount_minor
    "simulator_not_allowed",
    "terminal_not_ready",  # facts: state
    "charge_unresolved",  # a notice; facts: count, amount_minor
)
PRINTING = (
    "no_receipt",
    "printer_offline",
    "no_chinese_font",
    "bad_printer_setting",
    "not_saved",
    "bad_device_setting",
    "bad_cash_policy",
)
DISK = (
    "disk_full",
    "disk_trouble",
    "read_only_folder",
    "second_instance",
    "lost_tail",
    "damaged_file",
    "wrong_key",
    "half_built_file",
    "schema_too_new",
    "upgrade_failed",
    "sqlite_too_old",
    "storage_trouble",
    "storage_busy",
    "writer_stopped",
    "file_missing",
    "mispaired_journal",
    "key_store_trouble",
)
ENROLMENT = ("not_an_enrolment_code", "bad_server_address", "wrong_fingerprint")
SYNC = (  # SyncView.last_error, and enrolment
    "server_away",
    "not_our_server",
    "broken_answer",
    "server_refused",
    "peer_refused",
    "peer_away",
    "series_forked",
    "pruned_beyond",
)
NOTICES = (
    "charge_unresolved",
    "release_stale",  # facts: days
    "release_not_taken",  # facts: version, code
    "root_not_taken",
    "release_expired",
    "no_release_yet",
    "printer_trouble",  # facts: state
    "device_trouble",  # facts: device, state
    "clock_needs_manager",  # facts: jump_ms
    "replica_incomplete",
    "basket_restored",  # after a crash the basket in progress is back
    "disk_full",
    "completed_not_printed",  # facts: number (the last), count; after a crash between commit and print
    "witness_begun_anew",  # facts: state
    "series_begun_anew",  # facts: incarnation; this machine was copied, or put back to an old image
)
DRIVER = (
    "bad_request",  # facts: field
    "unknown_op",
    "not_available",
    "request_too_large",
    "internal_error",
    "timed_out",
    "line_incomplete",  # facts: line, missing
)

ALL_CODES = tuple(
    dict.fromkeys(
        (
            *SESSION,
            *SHIFT,
            *RING_UP,
            *HOLDING,
            *APPROVALS,
            *RETURNS,
            *PAYMENT,
            *MEMBERS,
            *STOCK,
            *TILL,
            *TERMINAL,
            *PRINTING,
            *DISK,
            *ENROLMENT,
            *SYNC,
            *NOTICES,
            *DRIVER,
        )
    )
)
