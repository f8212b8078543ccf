//! 报名登记表: what 详细 shows and prints, made from the snapshot.

use documents::registration_form::{self, Block, RegistrationForm};
use documents::{Field, Imprint};
use domain::application::number;

use domain::exam::snapshot::Choice;
use domain::id_number::IdType;
use domain::money::Fen;
use domain::profile::Profile;

use super::content::Kept;
use super::view::{self, View};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, paper};

/// The form of an application of the asking candidate, without the photo.
pub async fn sheet(ctx: &Ctx, view: &View) -> Result<RegistrationForm> {
    let kept = view::own_content(ctx, view).await?;
    let mut choice = choice_fields(&ctx.app, &view.exam, &kept.choice).await?;
    choice.extend(kept.carried.iter().flat_map(|seen| seen.fields()));
    Ok(form(view, &kept, choice))
}

/// The same as a PDF, with the photo.
pub async fn sheet_pdf(ctx: &Ctx, view: &View) -> Result<Vec<u8>> {
    let mut form = sheet(ctx, view).await?;
    form.photo = match view::own_photo(ctx, view).await {
        Ok(file) => Some(file.bytes),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    form.footer = format!("打印时间 {}", ctx.at.to_local_minute());
    let imprint = Imprint::new(&view.row.public_id, ctx.at).of_exam(view.exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        registration_form::render(engine, &form, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}

/// The form of anybody's application as a PDF, with the photo if it is still there: for the exam's file. The caller has checked
/// who asks.
pub(crate) async fn archive_pdf(ctx: &Ctx, view: &View, kept: &Kept) -> Result<Vec<u8>> {
    let choice = choice_fields(&ctx.app, &view.exam, &kept.choice).await?;
    let mut form = form(view, kept, choice);
    let photo = crate::photo::of_application(&ctx.app, view.row.account_id, view.row.photo_id);
    form.photo = match photo.await {
        Ok(file) => Some(file.bytes),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    form.footer = format!("归档时间 {}", ctx.at.to_local_minute());
    let imprint = Imprint::new(&view.row.public_id, ctx.at).of_exam(view.exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        registration_form::render(engine, &form, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}

fn form(view: &View, kept: &Kept, choice: Vec<(String, String)>) -> RegistrationForm {
    let mut blocks = vec![choice_block(view, choice)];
    blocks.extend(profile_blocks(&kept.profile.profile));
    blocks.extend(answers_block(view, kept));
    blocks.push(Block::Text {
        title: "诚信承诺".to_owned(),
        paragraphs: vec![
            "本人已阅读并同意报名协议，所填信息和提交的材料真实、准确、完整。如有不实，自愿承担由此产生的后果。"
                .to_owned(),
        ],
        signature: true,
    });
    RegistrationForm {
        exam: view.exam.title().to_owned(),
        registration_no: view.row.registration_no.clone(),
        identity: identity(kept),
        blocks,
        opinions: if view.made.steps.has_review() {
            vec!["招聘单位审查意见".to_owned(), "主管部门审查意见".to_owned()]
        } else {
            Vec::new()
        },
        photo: None,
        issuer: view.made.organizer.clone(),
        footer: String::new(),
    }
}

fn identity(kept: &Kept) -> Vec<Field> {
    let person = &kept.profile;
    let basic = person.profile.basic.as_ref();
    let id_type = IdType::parse(&person.id_type)
        .map(IdType::label)
        .unwrap_or_default();
    let text = |text: Option<String>| text.unwrap_or_default();
    vec![
        Field::new("姓名", person.name.clone()),
        Field::new("性别", text(basic.map(|b| b.sex.label().to_owned()))),
        Field::new("出生日期", text(basic.map(|b| b.birth_date.to_chinese()))),
        Field::new("民族", text(basic.map(|b| b.ethnicity.label().to_owned()))),
        Field::new(
            "政治面貌",
            text(basic.map(|b| b.political.label().to_owned())),
        ),
        Field::new("证件类型", id_type),
        Field::new("证件号码", person.id_number.clone()),
        Field::new("手机号码", person.mobile.clone()),
    ]
}

/// What was chosen, as labels and texts; subjects by their names.
pub async fn choice_fields(
    app: &App,
    exam: &Exam,
    choice: &Choice,
) -> Result<Vec<(String, String)>> {
    let pair = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    Ok(match choice {
        Choice::Position {
            code,
            name,
            employer,
            department,
        } => {
            let mut pairs = vec![
                pair("招聘单位", employer),
                pair("岗位名称", name),
                pair("岗位代码", code),
            ];
            if !department.is_empty() && department != employer {
                pairs.insert(0, pair("主管部门", department));
            }
            pairs
        }
        Choice::Professional {
            level,
            specialty,
            subjects,
        } => {
            let mut pairs = vec![pair("级别", level)];
            if !specialty.is_empty() {
                pairs.push(pair("专业", specialty));
            }
            let table = exam::subjects(app, exam).await?;
            let offered = table.subjects_of(level, specialty);
            let names: Vec<&str> = subjects
                .iter()
                .map(|code| {
                    let found = offered.iter().find(|subject| subject.code == *code);
                    found.map_or(code.as_str(), |subject| subject.name.as_str())
                })
                .collect();
            pairs.push(pair("科目", &names.join("、")));
            pairs
        }
        Choice::Exam => Vec::new(),
    })
}

fn choice_block(view: &View, choice: Vec<(String, String)>) -> Block {
    let mut fields: Vec<Field> = choice
        .into_iter()
        .map(|(label, text)| Field::new(label, text))
        .collect();
    fields.push(Field::new(
        "报名序号",
        number::grouped(&view.row.registration_no),
    ));
    fields.push(Field::new(
        "提交时间",
        view.submitted_at().to_chinese_minute(),
    ));
    if view.row.fee > 0 {
        fields.push(Field::new(
            "考试费用",
            format!("{} 元", Fen::new(view.row.fee).yuan()),
        ));
    }
    Block::Fields {
        title: "报考信息".to_owned(),
        fields,
    }
}

fn profile_blocks(profile: &Profile) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(basic) = &profile.basic {
        let place = |place: &Option<domain::profile::Place>| {
            place
                .as_ref()
                .map(domain::profile::Place::text)
                .unwrap_or_default()
        };
        blocks.push(Block::Fields {
            title: "基本信息".to_owned(),
            fields: present(vec![
                (
                    "婚姻状况",
                    basic
                        .marital
                        .map(|m| m.label().to_owned())
                        .unwrap_or_default(),
                ),
                ("籍贯", place(&basic.native)),
                ("出生地", place(&basic.birth)),
                ("户籍所在地", place(&basic.hukou)),
                ("生源地", place(&basic.origin)),
                ("残疾类别", basic.disability.label().to_owned()),
            ]),
        });
    }
    blocks.push(Block::Table {
        title: "学历学位".to_owned(),
        columns: ["学历", "学位", "学习形式", "毕业院校", "专业", "毕业时间"]
            .map(str::to_owned)
            .to_vec(),
        widths: vec![3, 3, 3, 5, 5, 3],
        rows: profile
            .educations
            .iter()
            .map(|e| {
                vec![
                    e.level.label().to_owned(),
                    e.degree.map(|d| d.label().to_owned()).unwrap_or_default(),
                    e.study_mode.label().to_owned(),
                    e.school.clone(),
                    e.major.clone(),
                    e.graduated_on.to_dotted(),
                ]
            })
            .collect(),
    });
    if let Some(work) = &profile.work {
        let years = |years: Option<u32>| years.map(|y| format!("{y} 年")).unwrap_or_default();
        blocks.push(Block::Fields {
            title: "工作与联系".to_owned(),
            fields: present(vec![
                ("人员身份", work.occupation.label().to_owned()),
                ("工作单位", work.employer.clone()),
                ("职务", work.job_title.clone()),
                ("工作年限", years(work.work_years)),
                ("专业工作年限", years(work.specialty_work_years)),
                ("职称", work.titles.join("、")),
                ("职业资格", work.qualifications.join("、")),
                ("通讯地址", work.address.clone()),
                ("邮政编码", work.postcode.clone()),
                ("固定电话", work.phone.clone()),
                ("电子邮箱", work.email.clone()),
            ]),
        });
    }
    if !profile.resume.is_empty() {
        blocks.push(Block::Table {
            title: "简历".to_owned(),
            columns: ["起止时间", "学习或工作单位", "身份或职务"]
                .map(str::to_owned)
                .to_vec(),
            widths: vec![3, 6, 4],
            rows: profile
                .resume
                .iter()
                .map(|row| vec![row.period(), row.place.clone(), row.role.clone()])
                .collect(),
        });
    }
    if let Some(family) = &profile.family {
        blocks.push(Block::Table {
            title: "家庭成员".to_owned(),
            columns: ["关系", "姓名", "政治面貌", "工作单位"]
                .map(str::to_owned)
                .to_vec(),
            widths: vec![2, 3, 3, 6],
            rows: family
                .rows
                .iter()
                .map(|row| {
                    vec![
                        row.relation.label().to_owned(),
                        row.name.clone(),
                        row.political.label().to_owned(),
                        row.unit.clone(),
                    ]
                })
                .collect(),
        });
        let more = present(vec![
            ("奖惩情况", family.awards.clone()),
            ("备注", family.remarks.clone()),
        ]);
        if !more.is_empty() {
            blocks.push(Block::Fields {
                title: "其他".to_owned(),
                fields: more,
            });
        }
    }
    blocks
}

fn present(fields: Vec<(&str, String)>) -> Vec<Field> {
    fields
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| Field::new(label, text))
        .collect()
}

fn answers_block(view: &View, kept: &Kept) -> Option<Block> {
    let questions = view.made.questions_for(kept.choice.level());
    let fields: Vec<Field> = questions
        .iter()
        .filter_map(|question| {
            let text = kept.answers.get(&question.key)?.says();
            Some(Field::new(question.label.clone(), text))
        })
        .collect();
    (!fields.is_empty()).then(|| Block::Fields {
        title: "其他报考信息".to_owned(),
        fields,
    })
}
