//! The statements about seats, tickets and scores (16 to 22).

use db::sql;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 16,
        name: "座位不重号，考场不超员",
        examined: sql!("SELECT COUNT(*) FROM seat"),
        broken: sql!(
            "SELECT CAST(s.plan_id AS TEXT) || ' 场次 ' || CAST(s.session AS TEXT) || ' 考场 ' || CAST(s.room_no AS TEXT) \
             FROM seat s LEFT JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             GROUP BY s.plan_id, s.session, s.room_no, r.capacity \
             HAVING r.capacity IS NULL OR COUNT(*) > r.capacity OR COUNT(*) <> COUNT(DISTINCT s.seat_no) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 17,
        name: "考试采用的编排是它自己已公布的一份，座位数相符",
        examined: sql!("SELECT COUNT(*) FROM exam WHERE seat_plan <> 0"),
        broken: sql!(
            "SELECT e.code FROM exam e LEFT JOIN seat_plan p ON p.id = e.seat_plan \
             LEFT JOIN (SELECT plan_id, COUNT(*) AS seats FROM seat GROUP BY plan_id) s ON s.plan_id = e.seat_plan \
             WHERE e.seat_plan <> 0 AND (p.id IS NULL OR p.exam_id <> e.id OR p.state <> 'published' \
             OR p.seats <> COALESCE(s.seats, 0)) ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 17,
        name: "一次考试只有一份公布中的编排",
        examined: sql!("SELECT COUNT(*) FROM seat_plan WHERE state = 'published'"),
        broken: sql!(
            "SELECT CAST(p.id AS TEXT) FROM seat_plan p JOIN exam e ON e.id = p.exam_id \
             WHERE p.state = 'published' AND e.seat_plan <> p.id ORDER BY p.id LIMIT 1000"
        ),
    },
    Check {
        number: 17,
        name: "放弃的编排没有留下座位",
        examined: sql!("SELECT COUNT(*) FROM seat_plan WHERE state = 'discarded'"),
        broken: sql!(
            "SELECT CAST(p.id AS TEXT) FROM seat_plan p WHERE p.state = 'discarded' \
             AND EXISTS (SELECT 1 FROM seat s WHERE s.plan_id = p.id) ORDER BY p.id LIMIT 1000"
        ),
    },
    Check {
        number: 18,
        name: "准考证号唯一、不重用，与编排一致",
        examined: sql!("SELECT COUNT(*) FROM ticket_number"),
        broken: sql!(
            "SELECT DISTINCT s.ticket_no FROM exam e JOIN seat s ON s.plan_id = e.seat_plan \
             LEFT JOIN ticket_number n ON n.exam_id = e.id AND n.ticket_no = s.ticket_no \
             WHERE e.seat_plan <> 0 AND (n.application_id IS NULL OR n.application_id <> s.application_id) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 19,
        name: "公布的成绩由一人导入、另一人核对，更改写明理由",
        examined: sql!(
            "SELECT COUNT(*) FROM score_batch WHERE state IN ('published', 'superseded')"
        ),
        broken: sql!(
            "SELECT CAST(b.id AS TEXT) FROM score_batch b WHERE b.state IN ('published', 'superseded') \
             AND (b.checked_by IS NULL OR b.checked_by = b.imported_by OR b.published_by IS NULL \
             OR b.visible_at IS NULL OR (b.reason = '' AND EXISTS (SELECT 1 FROM score_batch x \
             WHERE x.exam_id = b.exam_id AND x.state IN ('published', 'superseded') AND x.version < b.version))) \
             ORDER BY b.id LIMIT 1000"
        ),
    },
    Check {
        number: 19,
        name: "考试公布的成绩是它自己已公布的一批",
        examined: sql!("SELECT COUNT(*) FROM exam WHERE score_batch <> 0"),
        broken: sql!(
            "SELECT e.code FROM exam e LEFT JOIN score_batch b ON b.id = e.score_batch \
             WHERE e.score_batch <> 0 AND (b.id IS NULL OR b.exam_id <> e.id OR b.state <> 'published') \
             ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 20,
        name: "编排公布之前没有人打印过准考证",
        examined: sql!("SELECT COUNT(*) FROM ticket_print"),
        broken: sql!(
            "SELECT a.registration_no FROM ticket_print t JOIN application a ON a.id = t.application_id \
             WHERE NOT EXISTS (SELECT 1 FROM seat_plan p WHERE p.exam_id = a.exam_id AND p.published_at <= t.first_at) \
             ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 20,
        name: "成绩到约定的时间才可以查询",
        examined: sql!("SELECT COUNT(*) FROM exam WHERE score_batch <> 0"),
        broken: sql!(
            "SELECT e.code FROM exam e JOIN score_batch b ON b.id = e.score_batch \
             WHERE e.score_visible_at <> COALESCE(b.visible_at, 0) OR e.score_visible_at < COALESCE(b.published_at, 0) \
             OR COALESCE(b.published_at, 0) < COALESCE(b.checked_at, 0) OR COALESCE(b.checked_at, 0) < b.imported_at \
             ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 21,
        name: "导入的成绩一行不少，都属于本考试的报名",
        examined: sql!("SELECT COUNT(*) FROM score"),
        broken: sql!(
            "SELECT CAST(b.id AS TEXT) FROM score_batch b \
             LEFT JOIN (SELECT s.batch_id, COUNT(*) AS marks, COUNT(a.id) AS known FROM score s \
             JOIN score_batch x ON x.id = s.batch_id \
             LEFT JOIN application a ON a.id = s.application_id AND a.exam_id = x.exam_id GROUP BY s.batch_id) m \
             ON m.batch_id = b.id \
             WHERE b.state IN ('imported', 'checked', 'published', 'superseded') \
             AND (b.matched <> COALESCE(m.marks, 0) OR COALESCE(m.marks, 0) <> COALESCE(m.known, 0)) \
             ORDER BY b.id LIMIT 1000"
        ),
    },
    Check {
        number: 21,
        name: "放弃的成绩没有留下单科成绩和总成绩",
        examined: sql!("SELECT COUNT(*) FROM score_batch WHERE state = 'discarded'"),
        broken: sql!(
            "SELECT CAST(b.id AS TEXT) FROM score_batch b WHERE b.state = 'discarded' \
             AND (EXISTS (SELECT 1 FROM score s WHERE s.batch_id = b.id) \
             OR EXISTS (SELECT 1 FROM score_total s WHERE s.batch_id = b.id)) ORDER BY b.id LIMIT 1000"
        ),
    },
];
