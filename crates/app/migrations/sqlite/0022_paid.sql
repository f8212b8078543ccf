-- oldest binary: 21
-- 缴费单: the sum of all that is paid leaves rehearsals out by the index, without a look at each order.
DROP INDEX payment_order_state;
CREATE INDEX payment_order_state ON payment_order (state, id, amount, exam_id);
