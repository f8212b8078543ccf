//! The names under which centres publish the columns.

use crate::sheet::Column;

const fn column(key: &'static str, title: &'static str, names: &'static [&'static str]) -> Column {
    Column { key, title, names }
}

/// Columns of a position table. Names have no spaces, and Chinese brackets.
pub const POSITIONS: &[Column] = &[
    column("index", "序号", &["序号", "编号", "序列", "顺序号"]),
    column(
        "department",
        "主管部门",
        &[
            "主管部门",
            "主管单位",
            "举办单位",
            "主管部门名称",
            "招录机关",
            "所属部门",
            "系统",
            "部门名称",
            "主管机关",
        ],
    ),
    column(
        "employer",
        "招聘单位",
        &[
            "招聘单位",
            "用人单位",
            "单位名称",
            "招聘单位名称",
            "用人单位名称",
            "单位",
            "招录单位",
            "用人司局",
            "事业单位名称",
            "招聘（用人）单位",
            "招聘学校",
            "学校",
        ],
    ),
    column(
        "funding",
        "单位性质",
        &[
            "单位性质",
            "经费来源",
            "经费形式",
            "经费渠道",
            "单位类别",
            "编制类型",
            "经费来源形式",
        ],
    ),
    column(
        "name",
        "岗位名称",
        &[
            "岗位名称",
            "职位名称",
            "招聘岗位",
            "岗位",
            "招聘岗位名称",
            "职位",
            "招考职位",
            "招录职位",
            "岗位（职位）名称",
            "招聘职位",
        ],
    ),
    column(
        "code",
        "岗位代码",
        &[
            "岗位代码",
            "职位代码",
            "岗位编码",
            "岗位编号",
            "职位编号",
            "职位编码",
            "代码",
            "岗位号",
            "招聘岗位代码",
        ],
    ),
    column(
        "category",
        "岗位类别",
        &[
            "岗位类别",
            "岗位类型",
            "职位类别",
            "岗位性质",
            "职位性质",
            "岗位种类",
        ],
    ),
    column(
        "grade",
        "岗位等级",
        &["岗位等级", "岗位级别", "职位级别", "等级", "岗位职级"],
    ),
    column(
        "headcount",
        "招聘人数",
        &[
            "招聘人数",
            "招聘计划",
            "计划数",
            "招聘计划数",
            "招聘名额",
            "招考人数",
            "录用计划",
            "招录人数",
            "人数",
            "名额",
            "计划招聘人数",
            "招聘数量",
            "拟招聘人数",
            "岗位数",
            "计划人数",
            "需求人数",
            "拟聘人数",
        ],
    ),
    column(
        "target",
        "招聘对象",
        &[
            "招聘对象",
            "招聘范围",
            "招考对象",
            "报考对象",
            "招录对象",
            "对象",
            "招聘人员类别",
            "招考范围",
        ],
    ),
    column("sex", "性别", &["性别", "性别要求"]),
    column(
        "born_after",
        "出生不早于",
        &["出生不早于", "出生日期不早于", "出生日期下限"],
    ),
    column(
        "age",
        "年龄",
        &[
            "年龄",
            "年龄要求",
            "年龄上限",
            "最高年龄",
            "年龄条件",
            "出生日期",
            "年龄（周岁）",
        ],
    ),
    column(
        "hukou",
        "户籍",
        &[
            "户籍",
            "户籍要求",
            "户口",
            "户籍所在地",
            "生源",
            "户籍或生源",
            "户籍（生源）要求",
        ],
    ),
    column(
        "education_degree",
        "学历学位",
        &[
            "学历学位",
            "学历（学位）",
            "学历及学位",
            "学历、学位",
            "学历/学位",
            "学历学位要求",
            "学历及学位要求",
            "学历和学位",
            "学历（学位）要求",
            "最低学历学位",
        ],
    ),
    column(
        "education",
        "学历",
        &[
            "学历",
            "学历要求",
            "最低学历",
            "学历条件",
            "文化程度",
            "学历层次",
        ],
    ),
    column("degree", "学位", &["学位", "学位要求", "最低学位"]),
    column(
        "major",
        "专业",
        &[
            "专业",
            "专业要求",
            "所学专业",
            "专业名称",
            "专业条件",
            "专业（学科）",
            "专业类别",
            "所需专业",
            "专业及代码",
            "专业（代码）",
        ],
    ),
    column(
        "qualification",
        "职称/资格",
        &[
            "职称/资格",
            "职称",
            "资格证书",
            "职业资格",
            "执业资格",
            "职（执）业资格",
            "职称要求",
            "资格要求",
            "证书要求",
            "资格证",
            "职称或资格",
            "职（执）业资格或职称",
            "专业技术资格",
            "职称（资格）",
        ],
    ),
    column(
        "experience",
        "工作经历",
        &[
            "工作经历",
            "工作年限",
            "工作经验",
            "工作经历要求",
            "基层工作经历",
            "最低工作年限",
            "工作经历（年限）",
            "基层工作最低年限",
        ],
    ),
    column("political", "政治面貌", &["政治面貌", "政治面貌要求"]),
    column(
        "conditions",
        "报考条件",
        &[
            "报考条件",
            "资格条件",
            "岗位条件",
            "任职条件",
            "招聘条件",
            "岗位要求",
            "应聘条件",
            "任职资格",
            "岗位资格条件",
            "招聘岗位条件",
            "报考资格条件",
        ],
    ),
    column(
        "other",
        "其他条件",
        &[
            "其他条件",
            "其他要求",
            "其它条件",
            "其它要求",
            "其他",
            "其它",
            "其他资格条件",
            "其他条件要求",
            "其它资格条件",
            "其他报考条件",
            "与岗位有关的其他条件",
        ],
    ),
    column(
        "open_ratio",
        "开考比例",
        &["开考比例", "最低开考比例", "开考比"],
    ),
    column(
        "paper",
        "笔试类别",
        &[
            "笔试类别",
            "笔试科目",
            "考试类别",
            "笔试类型",
            "试卷类别",
            "笔试内容",
            "考试科目",
            "公共科目笔试类别",
            "专业知识考试类别",
        ],
    ),
    column(
        "interview",
        "面试方式",
        &[
            "面试方式",
            "面试形式",
            "考试方式",
            "考核方式",
            "面试比例",
            "考试形式",
            "面试考核方式",
            "面试内容",
        ],
    ),
    column(
        "phone",
        "咨询电话",
        &[
            "咨询电话",
            "联系电话",
            "电话",
            "联系方式",
            "政策咨询电话",
            "联系人及电话",
            "咨询及监督电话",
        ],
    ),
    column("remark", "备注", &["备注", "说明", "备注说明", "附注"]),
];

/// Columns of a subject table of a professional exam.
pub const SUBJECTS: &[Column] = &[
    column(
        "level",
        "级别",
        &["级别", "考试级别", "报考级别", "等级", "资格级别"],
    ),
    column(
        "specialty",
        "专业",
        &["专业", "报考专业", "专业名称", "考试专业", "专业类别"],
    ),
    column(
        "code",
        "科目代码",
        &["科目代码", "科目编码", "代码", "科目编号", "科目号"],
    ),
    column(
        "name",
        "科目",
        &["科目", "科目名称", "考试科目", "考试科目名称"],
    ),
    column(
        "date",
        "考试日期",
        &["考试日期", "日期", "考试时间（日期）"],
    ),
    column(
        "time",
        "考试时间",
        &["考试时间", "时间", "起止时间", "考试起止时间", "考试时段"],
    ),
    column(
        "fee",
        "收费",
        &[
            "收费",
            "收费标准",
            "考务费",
            "费用",
            "收费（元）",
            "收费标准（元）",
            "考务费（元）",
            "报名考务费",
            "收费标准（元/科）",
            "费用（元）",
        ],
    ),
    column("remark", "备注", &["备注", "说明"]),
];

/// Columns of the carried-over file.
pub const PASSES: &[Column] = &[
    column("name", "姓名", &["姓名", "考生姓名"]),
    column("id_type", "证件类型", &["证件类型", "证件种类"]),
    column(
        "id_number",
        "证件号码",
        &["证件号码", "身份证号", "身份证号码", "证件号"],
    ),
    column("level", "级别", &["级别", "考试级别", "报考级别", "等级"]),
    column("specialty", "专业", &["专业", "报考专业", "专业名称"]),
    column("archive_no", "档案号", &["档案号", "档案编号"]),
    column("code", "科目代码", &["科目代码", "科目编码", "代码"]),
    column(
        "subject",
        "科目",
        &["科目", "科目名称", "合格科目", "已合格科目"],
    ),
    column(
        "passed",
        "合格日期",
        &[
            "合格日期",
            "合格年度",
            "合格时间",
            "通过日期",
            "通过年度",
            "年度",
        ],
    ),
    column(
        "holds",
        "已取得证书",
        &["已取得证书", "是否取得证书", "取得证书", "已取得资格"],
    ),
    column("remark", "备注", &["备注", "说明"]),
];

/// The title of a key, for messages.
pub fn title(columns: &[Column], key: &'static str) -> &'static str {
    columns
        .iter()
        .find(|column| column.key == key)
        .map_or(key, |column| column.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::clean::condition;

    #[test]
    fn no_name_belongs_to_two_columns_and_each_is_in_its_clean_form() {
        for columns in [POSITIONS, SUBJECTS, PASSES] {
            let mut seen = std::collections::BTreeMap::new();
            for column in columns {
                for name in column.names {
                    assert_eq!(condition(name), *name, "{name}");
                    assert_eq!(seen.insert(*name, column.key), None, "{name}");
                }
            }
        }
    }
}
