//! What happens to an application, and what follows from it.

use crate::coded::coded;
use crate::review::ReviewEvent;

coded! {
    /// An event of an application. Stored in its history.
    pub enum Event {
        /// 保存: the candidate submits the draft.
        Submit = "submit", "提交报名";
        /// 修改: the candidate changes what he submitted, without another position.
        Edit = "edit", "修改报考信息";
        /// 改报: the candidate chooses another position.
        Move = "move", "改报岗位";
        /// The candidate hands in what the reviewer asked for.
        Supplement = "supplement", "提交补充材料";
        /// The due time of the supplement passed.
        SupplementDue = "supplement_due", "补充逾期";
        /// A reviewer approves at his level.
        Approve = "approve", "审核通过";
        /// A reviewer sends it back.
        Return = "return", "退回补充";
        /// A reviewer refuses.
        Reject = "reject", "审核不通过";
        /// Nobody reviewed in time.
        ReviewTimedOut = "review_timed_out", "审核超时";
        /// The candidate appeals against the refusal.
        Appeal = "appeal", "申诉";
        /// The refusal stands.
        Uphold = "uphold", "申诉维持";
        /// The refusal is taken back.
        Reverse = "reverse", "申诉改为通过";
        /// Staff take a conclusion back.
        ReopenReview = "reopen_review", "撤销审核结论";
        /// The photo was approved: a gate may open.
        PhotoApproved = "photo_approved", "照片审核通过";
        /// `settle` credited the fee.
        Pay = "pay", "缴费成功";
        /// Finance waived the fee.
        Waive = "waive", "减免通过";
        /// The payment window closed without money.
        ExpireUnpaid = "expire_unpaid", "逾期未缴费";
        /// Money paid in time was found after the application had ended for want of it.
        AcceptLate = "accept_late", "补记缴费";
        /// A refund of everything was ordered.
        StartRefund = "start_refund", "开始退款";
        /// The channel confirmed the refund of everything.
        FinishRefund = "finish_refund", "退款完成";
        /// The refund came to nothing: the money is still ours.
        AbandonRefund = "abandon_refund", "退款取消";
        /// The candidate withdraws.
        Withdraw = "withdraw", "取消报名";
        /// The position was cancelled.
        CancelPosition = "cancel_position", "岗位取消";
        /// Staff disqualify.
        Disqualify = "disqualify", "取消资格";
        /// The candidate sat the exam.
        MarkPresent = "mark_present", "登记到考";
        /// The candidate didn't come.
        MarkAbsent = "mark_absent", "登记缺考";
        /// The candidate broke the rules of the room.
        MarkViolation = "mark_violation", "登记违纪";
    }
}

impl Event {
    /// The event of the review machine, for events that are nothing else.
    pub const fn review(self) -> Option<ReviewEvent> {
        match self {
            Self::Supplement => Some(ReviewEvent::Supplement),
            Self::SupplementDue => Some(ReviewEvent::SupplementDue),
            Self::Approve => Some(ReviewEvent::Approve),
            Self::Return => Some(ReviewEvent::Return),
            Self::Reject => Some(ReviewEvent::Reject),
            Self::ReviewTimedOut => Some(ReviewEvent::TimedOut),
            Self::Appeal => Some(ReviewEvent::Appeal),
            Self::Uphold => Some(ReviewEvent::Uphold),
            Self::Reverse => Some(ReviewEvent::Reverse),
            Self::ReopenReview => Some(ReviewEvent::Reopen),
            _ => None,
        }
    }
}

coded! {
    /// What the caller must do in the same transaction.
    pub enum Effect {
        /// Give the application its 报名序号.
        AssignNumber = "assign_number", "生成报名序号";
        /// Take a place of the position, or fail with "full".
        TakePlace = "take_place", "占用名额";
        /// Give the place back.
        ReleasePlace = "release_place", "释放名额";
        /// Keep a snapshot of profile, answers and settings with its hash.
        Snapshot = "snapshot", "留存报考信息快照";
        /// Put it into the reviewers' queue.
        QueueReview = "queue_review", "进入审核队列";
        /// Take it out of the reviewers' queue.
        LeaveQueue = "leave_queue", "退出审核队列";
        /// Count one more refusal for the position.
        CountRejection = "count_rejection", "累计不通过次数";
        /// Let the candidate raise a payment order.
        OpenPayment = "open_payment", "开放缴费";
        /// Void the open payment order; the channel is asked first.
        CloseOrders = "close_orders", "作废未支付单据";
        /// Give all money back.
        RefundAll = "refund_all", "全额退款";
        /// Escalate a review that is late.
        Escalate = "escalate", "提醒上级";
        /// Tell the candidate.
        Notify = "notify", "通知考生";
    }
}
