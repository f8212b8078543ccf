-- owner: payment
-- 收入 beside the channels, by the day on which it was booked: the centre's own account and counter (`offline`), 缴款码 (`nontax`), and what the
-- treasury paid back (`treasury`). Each posting adds to it.
CREATE TABLE hand_revenue (
  day TEXT NOT NULL,
  book TEXT NOT NULL,
  exam_id INTEGER NOT NULL,
  payments INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  refunds INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  PRIMARY KEY (day, book, exam_id)
) STRICT;
CREATE INDEX hand_revenue_exam ON hand_revenue (exam_id, day);
INSERT INTO hand_revenue (day, book, exam_id, payments, paid, refunds, refunded)
SELECT strftime('%Y-%m-%d', l.at / 1000000 + 28800, 'unixepoch'), CASE l.book WHEN 'channel:offline' THEN 'offline' WHEN 'channel:nontax' THEN 'nontax' ELSE l.book END, o.exam_id,
  SUM(CASE WHEN l.debit > 0 THEN 1 WHEN l.refund_id = 0 THEN -1 ELSE 0 END),
  SUM(CASE WHEN l.debit > 0 THEN l.debit WHEN l.refund_id = 0 THEN -l.credit ELSE 0 END),
  SUM(CASE WHEN l.credit > 0 AND l.refund_id <> 0 THEN 1 ELSE 0 END),
  SUM(CASE WHEN l.credit > 0 AND l.refund_id <> 0 THEN l.credit ELSE 0 END)
FROM ledger_entry l JOIN payment_order o ON o.id = l.order_id
WHERE l.book IN ('channel:offline', 'channel:nontax', 'treasury')
GROUP BY 1, 2, 3;
