//! 基本信息.

use serde::{Deserialize, Serialize};

use super::{Disability, Ethnicity, Identity, MaritalStatus, Place, PoliticalStatus};
use crate::field::FieldErrors;
use crate::id_number::Sex;
use crate::time::Date;

/// 基本信息, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basic {
    /// 性别.
    pub sex: Sex,
    /// 出生日期.
    pub birth_date: Date,
    /// 民族.
    pub ethnicity: Ethnicity,
    /// 政治面貌.
    pub political: PoliticalStatus,
    /// 婚姻状况.
    pub marital: Option<MaritalStatus>,
    /// 籍贯.
    pub native: Option<Place>,
    /// 出生地.
    pub birth: Option<Place>,
    /// 户籍所在地; holders of a resident card have one.
    pub hukou: Option<Place>,
    /// 生源地, of graduates.
    pub origin: Option<Place>,
    /// 残疾类别.
    pub disability: Disability,
    /// 残疾人证号.
    pub disability_cert_no: String,
}

/// The form as typed; field names are those of the page.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `Basic`"
)]
pub struct BasicForm {
    pub sex: String,
    pub birth_date: String,
    pub ethnicity: String,
    pub political: String,
    pub marital: String,
    pub native_province: String,
    pub native_place: String,
    pub birth_province: String,
    pub birth_place: String,
    pub hukou_province: String,
    pub hukou_place: String,
    pub origin_province: String,
    pub origin_place: String,
    pub disability: String,
    pub disability_cert_no: String,
}

impl std::fmt::Debug for BasicForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BasicForm(…)")
    }
}

impl BasicForm {
    /// Checks all of it. What the number of the document tells is taken from there, whatever was sent.
    ///
    /// # Errors
    /// Every field to mend, in the order of the page.
    pub fn check(&self, identity: &Identity, today: Date) -> Result<Basic, FieldErrors> {
        let mut errors = FieldErrors::new();
        let sex = identity.sex().or_else(|| Sex::from_code(&self.sex));
        if sex.is_none() {
            errors.add("sex", "请选择性别");
        }
        let birth_date = identity
            .birth_date()
            .or_else(|| Date::parse_typed(&self.birth_date));
        match birth_date {
            None if self.birth_date.trim().is_empty() => errors.add("birth_date", "请填写出生日期"),
            None => errors.add("birth_date", "出生日期应写成 1996-03-08 的样子"),
            Some(date) if date > today || today.full_years_since(date) > 120 => {
                errors.add("birth_date", "出生日期不合理，请核对");
            }
            Some(_) => {}
        }
        let ethnicity = Ethnicity::from_code(&self.ethnicity);
        if ethnicity.is_none() {
            errors.add("ethnicity", "请选择民族");
        }
        let political = PoliticalStatus::from_code(&self.political);
        if political.is_none() {
            errors.add("political", "请选择政治面貌");
        }
        let hukou = Place::check(
            &mut errors,
            "hukou",
            "户籍所在地",
            (&self.hukou_province, &self.hukou_place),
            identity.has_hukou(),
        );
        let native = Place::check(
            &mut errors,
            "native",
            "籍贯",
            (&self.native_province, &self.native_place),
            false,
        );
        let birth = Place::check(
            &mut errors,
            "birth",
            "出生地",
            (&self.birth_province, &self.birth_place),
            false,
        );
        let origin = Place::check(
            &mut errors,
            "origin",
            "生源地",
            (&self.origin_province, &self.origin_place),
            false,
        );
        let disability = match self.disability.as_str() {
            "" => Some(Disability::None),
            code => Disability::from_code(code),
        };
        if disability.is_none() {
            errors.add("disability", "请选择残疾类别，没有的选“无”");
        }
        let cert =
            crate::text::to_half_width(&crate::text::line(&self.disability_cert_no)).to_uppercase();
        if disability.is_some_and(|d| d != Disability::None) && cert.is_empty() {
            errors.add("disability_cert_no", "请填写残疾人证号");
        } else if cert.chars().count() > 30 {
            errors.add("disability_cert_no", "残疾人证号最多 30 位");
        }
        match (sex, birth_date, ethnicity, political, disability) {
            (Some(sex), Some(birth_date), Some(ethnicity), Some(political), Some(disability))
                if errors.is_empty() =>
            {
                Ok(Basic {
                    sex,
                    birth_date,
                    ethnicity,
                    political,
                    marital: MaritalStatus::from_code(&self.marital),
                    native,
                    birth,
                    hukou,
                    origin,
                    disability,
                    disability_cert_no: if disability == Disability::None {
                        String::new()
                    } else {
                        cert
                    },
                })
            }
            _ => Err(errors),
        }
    }
}

impl From<&Basic> for BasicForm {
    fn from(basic: &Basic) -> Self {
        let place = |place: &Option<Place>| match place {
            Some(place) => (place.province.code().to_owned(), place.rest.clone()),
            None => (String::new(), String::new()),
        };
        let (native_province, native_place) = place(&basic.native);
        let (birth_province, birth_place) = place(&basic.birth);
        let (hukou_province, hukou_place) = place(&basic.hukou);
        let (origin_province, origin_place) = place(&basic.origin);
        Self {
            sex: basic.sex.code().to_owned(),
            birth_date: basic.birth_date.to_string(),
            ethnicity: basic.ethnicity.code().to_owned(),
            political: basic.political.code().to_owned(),
            marital: basic
                .marital
                .map(|m| m.code().to_owned())
                .unwrap_or_default(),
            native_province,
            native_place,
            birth_province,
            birth_place,
            hukou_province,
            hukou_place,
            origin_province,
            origin_place,
            disability: basic.disability.code().to_owned(),
            disability_cert_no: basic.disability_cert_no.clone(),
        }
    }
}
