//! Made-up candidates: the seed and a number decide everything about one. Names are put together from common parts;
//! document numbers are well formed and belong to nobody on purpose: the district's code is one that was abolished.

pub(super) use domain::chance::Dice;
use domain::id_number::check_digit;
use domain::profile::{
    BasicForm, EducationForm, FamilyForm, FamilyRowForm, ResumeRowForm, WorkForm,
};
use domain::time::Date;

const FAMILY_NAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "罗", "高", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾",
    "肖", "田", "董", "潘", "袁", "蔡", "蒋", "欧阳",
];
const GIVEN_FIRST: [&str; 32] = [
    "子", "雨", "思", "文", "志", "佳", "晓", "海", "建", "丽", "明", "小", "永", "春", "国", "雪",
    "梦", "俊", "浩", "欣", "嘉", "宇", "静", "伟", "婷", "成", "若", "安", "云", "立", "晨", "可",
];
const GIVEN_SECOND: [&str; 32] = [
    "涵", "轩", "琪", "博", "强", "怡", "彤", "波", "华", "娜", "辉", "燕", "平", "梅", "栋", "莹",
    "洁", "杰", "然", "妍", "豪", "航", "雯", "峰", "玲", "林", "兰", "宁", "帆", "军", "阳", "心",
];
/// 学士 code by the first letters of the discipline, with majors of it.
const STUDIES: [(&str, &str); 16] = [
    ("汉语言文学", "405"),
    ("法学", "403"),
    ("会计学", "412"),
    ("计算机科学与技术", "408"),
    ("软件工程", "408"),
    ("土木工程", "408"),
    ("临床医学", "410"),
    ("护理学", "407"),
    ("学前教育", "404"),
    ("数学与应用数学", "407"),
    ("英语", "405"),
    ("行政管理", "412"),
    ("经济学", "402"),
    ("新闻学", "405"),
    ("环境工程", "408"),
    ("财务管理", "412"),
];
const SCHOOLS: [&str; 10] = [
    "南屿学院",
    "海州大学",
    "江岭师范大学",
    "云台理工大学",
    "青川医学院",
    "东篱财经大学",
    "北汀农业大学",
    "西麓政法学院",
    "长汀科技职业学院",
    "临溪职业技术学院",
];
const DISTRICTS: [&str; 6] = [
    "南屿市城中区",
    "南屿市临溪县",
    "南屿市青川县",
    "海州市东篱区",
    "江岭市北汀县",
    "云台市西麓区",
];

/// Somebody who doesn't exist.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Which one, from 0.
    pub(super) index: u32,
    /// 姓名
    pub(super) name: String,
    /// 证件号码
    pub(super) number: String,
    /// 手机号码
    pub(super) mobile: String,
    birth: (u32, u32, u32),
    dice: Dice,
}

impl Person {
    /// The person number `index` of the demonstration with this seed.
    pub(super) fn new(seed: u64, index: u32) -> Self {
        let mut dice = Dice::new(seed, "person", index);
        let mut name = dice.text(&FAMILY_NAMES).to_owned();
        name.push_str(dice.text(&GIVEN_FIRST));
        if dice.chance(80) {
            name.push_str(dice.text(&GIVEN_SECOND));
        }
        // A rare character and a long name: pages and papers must hold them.
        match index % 100 {
            7 | 71 | 83 | 95 => name = format!("{}䶮", dice.text(&FAMILY_NAMES)),
            61 => name = "阿卜杜热合曼·买买提依明·阿卜杜外力".to_owned(),
            _ => {}
        }
        let birth = (
            1990 + dice.below(14),
            1 + dice.below(12),
            1 + dice.below(28),
        );
        // 4328 was a prefecture until 1994, and the year of birth is later; the sequence runs with the index, so that no two
        // numbers are the same.
        let digits = format!(
            "4328{:02}{}{:02}{:02}{:03}",
            10 + index / 999 % 80,
            birth.0,
            birth.1,
            birth.2,
            1 + index % 999
        );
        let check = check_digit(&digits).unwrap_or('0');
        Self {
            index,
            name,
            number: format!("{digits}{check}"),
            mobile: format!("190{:08}", 10_000_000 + index),
            birth,
            dice,
        }
    }

    /// The initial password that the manual speaks of.
    pub(super) fn last_six(&self) -> &str {
        self.number.get(12..).unwrap_or_default()
    }

    /// 个人信息: what he types into each part.
    pub(super) fn forms(&self, today: Date) -> Forms {
        let mut dice = self.dice.clone();
        let home = dice.text(&DISTRICTS);
        let bachelor = dice.chance(82);
        let (major, degree) = dice.pick(&STUDIES).copied().unwrap_or_default();
        let school = dice.text(
            SCHOOLS
                .get(if bachelor { 0..8 } else { 8..10 })
                .unwrap_or_default(),
        );
        // Nobody graduates after today, so that nobody's papers are missing.
        let this_year = u32::try_from(today.year()).unwrap_or(2026);
        let graduated = (self.birth.0 + if bachelor { 22 } else { 21 }).min(this_year - 1);
        Forms {
            basic: self.basic(&mut dice, home),
            education: EducationForm {
                level: if bachelor { "21" } else { "31" }.into(),
                degree: if bachelor {
                    degree.into()
                } else {
                    String::new()
                },
                study_mode: "full_time".into(),
                school: school.into(),
                major: major.into(),
                graduated_on: format!("{graduated}年6月"),
                certificate_no: format!(
                    "1{:04}{graduated}{:07}",
                    1000 + self.index % 7000,
                    self.index
                ),
                degree_certificate_no: if bachelor {
                    format!(
                        "1{:04}4{graduated}{:06}",
                        1000 + self.index % 7000,
                        self.index
                    )
                } else {
                    String::new()
                },
            },
            work: self.work(&mut dice, home, graduated, this_year),
            resume: self.resume(home, school, graduated, this_year),
            family: self.family(&mut dice),
        }
    }

    fn basic(&self, dice: &mut Dice, home: &str) -> BasicForm {
        BasicForm {
            ethnicity: if dice.chance(90) {
                "01"
            } else {
                dice.text(&["06", "08", "15"])
            }
            .into(),
            political: dice.text(&["13", "13", "03", "03", "01"]).into(),
            marital: dice.text(&["10", "10", "20"]).into(),
            native_province: "43".into(),
            native_place: home.into(),
            birth_province: "43".into(),
            birth_place: home.into(),
            hukou_province: "43".into(),
            hukou_place: home.into(),
            origin_province: "43".into(),
            origin_place: home.into(),
            disability: "0".into(),
            ..BasicForm::default()
        }
    }

    fn work(&self, dice: &mut Dice, home: &str, graduated: u32, this_year: u32) -> WorkForm {
        let employed = dice.chance(45);
        let years = (this_year.saturating_sub(graduated)).min(12);
        WorkForm {
            occupation: if employed {
                "employed"
            } else {
                dice.text(&["graduated", "unemployed"])
            }
            .into(),
            employer: if employed {
                "南屿市某某服务有限公司".into()
            } else {
                String::new()
            },
            started_on: if employed {
                format!("{graduated}年7月")
            } else {
                String::new()
            },
            work_years: if employed {
                years.to_string()
            } else {
                String::new()
            },
            specialty_work_years: if employed {
                years.to_string()
            } else {
                String::new()
            },
            address: format!("湖南省{home}人民路 {} 号", 1 + self.index % 400),
            postcode: "423000".into(),
            ..WorkForm::default()
        }
    }

    fn resume(
        &self,
        home: &str,
        school: &str,
        graduated: u32,
        this_year: u32,
    ) -> Vec<ResumeRowForm> {
        let row = |from: String, to: String, place: &str, role: &str| ResumeRowForm {
            from,
            to,
            place: place.into(),
            role: role.into(),
        };
        let university = graduated - 4;
        let mut rows = vec![
            row(
                format!("{}年9月", university - 3),
                format!("{university}年6月"),
                &format!("{home}第一中学"),
                "学生",
            ),
            row(
                format!("{university}年9月"),
                format!("{graduated}年6月"),
                school,
                "学生",
            ),
        ];
        if graduated < this_year {
            rows.push(row(
                format!("{graduated}年7月"),
                "至今".into(),
                home,
                "备考或就业",
            ));
        }
        rows
    }

    fn family(&self, dice: &mut Dice) -> FamilyForm {
        let family_name: String = self
            .name
            .chars()
            .take(if self.name.starts_with("欧阳") {
                2
            } else {
                1
            })
            .collect();
        let relative = |relation: &str, name: String| FamilyRowForm {
            relation: relation.into(),
            name,
            political: "13".into(),
            unit: "务农".into(),
        };
        FamilyForm {
            rows: vec![
                relative(
                    "father",
                    format!("{family_name}{}", dice.text(&GIVEN_SECOND)),
                ),
                relative(
                    "mother",
                    format!("{}{}", dice.text(&FAMILY_NAMES), dice.text(&GIVEN_SECOND)),
                ),
            ],
            awards: String::new(),
            remarks: String::new(),
        }
    }
}

/// What a candidate types into 个人信息修改.
#[derive(Debug)]
pub(super) struct Forms {
    pub(super) basic: BasicForm,
    pub(super) education: EducationForm,
    pub(super) work: WorkForm,
    pub(super) resume: Vec<ResumeRowForm>,
    pub(super) family: FamilyForm,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::id_number::{IdDocument, IdType};

    use super::*;

    #[test]
    fn everybody_has_a_number_of_his_own_that_is_well_formed() {
        let today = Date::new(2026, 3, 16).unwrap();
        let mut seen = HashSet::new();
        for index in 0..5_000 {
            let person = Person::new(1, index);
            assert!(
                IdDocument::parse(IdType::ResidentCard, &person.number, today).is_ok(),
                "{person:?}"
            );
            assert!(
                domain::phone::Mobile::parse(&person.mobile).is_ok(),
                "{person:?}"
            );
            assert!(seen.insert(person.number.clone()));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_seed_others() {
        assert_eq!(Person::new(1, 7).name, Person::new(1, 7).name);
        let differ = (0..50)
            .filter(|i| Person::new(1, *i).name != Person::new(2, *i).name)
            .count();
        assert!(differ > 30);
    }

    #[test]
    fn what_everybody_types_is_accepted() {
        let today = Date::new(2026, 3, 16).unwrap();
        for index in 0..300 {
            let forms = Person::new(1, index).forms(today);
            forms.education.check(1, today).unwrap();
            forms.work.check(today).unwrap();
            domain::profile::check_resume(&forms.resume, today).unwrap();
        }
    }
}
