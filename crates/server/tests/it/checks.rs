//! 实名核验 and 学历核验: what is asked, what comes back, and what an exam makes of it.

use std::sync::Arc;

use app::account::office;
use app::application::{self, Form};
use app::check::batch;
use app::{Error, approval, check};
use db::{Crowd, p, sql};
use domain::check::{CheckKind, CheckRules, Demand, Unknown, Verdict};
use domain::profile::EducationForm;
use domain::sheet::Cell;
use domain::staff::Role;
use gateways::check::{Answer, Asked, Checks, FileVerifier, ScriptedVerifier};
use testkit::{TestApp, TestCandidate, TestExam, TestStaff, application_form, both_backends};

use crate::invariants::{broken_names, run};

const POSITION: &str = "数字资源管理";
const CSV: &str = "text/csv";

/// With lists for both.
fn with_lists(t: &TestApp) -> TestApp {
    t.with(|s| {
        s.policy.checks = Checks {
            identity: Some(Arc::new(FileVerifier)),
            education: Some(Arc::new(FileVerifier)),
        };
    })
}

/// With somebody who answers at once.
fn scripted(t: &TestApp) -> (TestApp, ScriptedVerifier) {
    let verifier = ScriptedVerifier::default();
    let there = verifier.clone();
    let t = t.with(|s| {
        s.policy.checks = Checks {
            identity: Some(Arc::new(there)),
            education: None,
        };
    });
    (t, verifier)
}

fn answer(verdict: Verdict) -> Asked {
    Asked::Answered(Answer {
        verdict,
        unknown: (verdict == Verdict::Unknown).then_some(Unknown::NotFound),
        reference: "GA-1".into(),
    })
}

async fn demanding(t: &TestApp, identity: Demand, education: Demand) -> TestExam {
    t.recruitment(|settings| {
        settings.checks = CheckRules {
            identity,
            education,
        };
    })
    .await
}

async fn desk(t: &TestApp) -> TestStaff {
    t.staff(&[Role::ExamOfficer]).await
}

async fn apply(who: &TestCandidate, exam: &TestExam) -> app::Result<String> {
    let ctx = who.ctx();
    let form: Form = application_form(&ctx, exam.position(POSITION));
    let saved = application::submit(&ctx, &exam.public_id, &form).await?;
    Ok(saved.public_id)
}

fn refusal(answer: app::Result<String>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

/// Everybody who is due is asked about.
async fn asks(t: &TestApp) {
    while check::ask_due(&t.system()).await.unwrap() > 0 {}
}

/// The rows of a list: number, and the rest.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let book = documents::xlsx::read(bytes).unwrap();
    let raw = |row: &Vec<Cell>| row.iter().map(|cell| cell.raw().to_owned()).collect();
    book[0].rows.iter().skip(1).map(raw).collect()
}

/// A file of answers.
fn answers(rows: &[(&str, &str)]) -> Vec<u8> {
    let mut text = "核验编号,核验结果,无法核验的原因,回执编号\n".to_owned();
    for (item, answer) in rows {
        text.push_str(&format!("{item},{answer},,R-{item}\n"));
    }
    text.into_bytes()
}

/// A list of everybody who waits, answered by name; those that aren't named match.
async fn answered(t: &TestApp, kind: CheckKind, named: &[(&str, &str)]) -> String {
    asks(t).await;
    let ctx = desk(t).await.ctx().await;
    let id = batch::make(&ctx, kind, "送公安部门核验").await.unwrap();
    let list = rows(&batch::take(&ctx, &id, "送公安部门核验").await.unwrap());
    let back: Vec<(&str, &str)> = list
        .iter()
        .filter(|row| !row[0].starts_with('【'))
        .map(|row| {
            let told = named.iter().find(|(name, _)| *name == row[1]);
            (row[0].as_str(), told.map_or("一致", |(_, answer)| *answer))
        })
        .collect();
    batch::upload(&ctx, &id, "结果.csv", &answers(&back))
        .await
        .unwrap();
    batch::confirm(&ctx, &id).await.unwrap();
    id
}

fn education(school: &str) -> EducationForm {
    EducationForm {
        level: "21".into(),
        degree: String::new(),
        study_mode: "full_time".into(),
        school: school.into(),
        major: "会计学".into(),
        graduated_on: "2020年6月".into(),
        certificate_no: "1001".into(),
        degree_certificate_no: String::new(),
    }
}

async fn address(who: &TestStaff, candidate: &TestCandidate) -> String {
    let search = office::Search {
        number: candidate.person.number.clone(),
        ..office::Search::default()
    };
    let found = office::search(&who.ctx().await, &search).await.unwrap();
    found[0].public_id.clone()
}

/// A draft that demands what nobody can check.
async fn demanding_draft(t: &TestApp, officer: &TestStaff) -> String {
    let mut settings = testkit::test_settings();
    settings.checks.education = Demand::Needed;
    let of = (
        domain::exam::ExamCategory::Recruitment,
        "HY-1",
        "2026年公开招聘",
    );
    app::exam::setup::create_with(&officer.ctx().await, of, settings, "新建")
        .await
        .unwrap_or_else(|error| panic!("{error:?} at {:?}", t.now()))
}

both_backends! {
    async fn a_list_goes_out_and_comes_back_and_everybody_is_told(t: TestApp) {
        let t = with_lists(&t);
        let (lin, su, chen) = (t.ready("林一舟").await, t.ready("苏晓").await, t.ready("陈默").await);
        let officer = desk(&t).await;
        let mut office = officer.browser();
        asks(&t).await;
        lin.browser().get("/profile").await.expect(200).shows("实名核验：核验中");
        let page = office.get("/office/checks").await.expect(200).shows("还没有名单");
        page.shows("待列入名单");
        for kind in CheckKind::ALL {
            assert_eq!(batch::waiting(&officer.ctx().await, *kind).await.unwrap(), 3);
        }
        office.post("/office/checks", &[("kind", "identity"), ("reason", "核")]).await.expect(422).shows("请写明送哪个部门");
        let page = office.post("/office/checks", &[("kind", "identity"), ("reason", "送公安部门核验")]).await.expect(200).shows("等待结果");
        let home = page.path().to_owned();
        let form = page.form(&format!("{home}/take"));
        office.submit(form.clone().set("why", "核")).await.expect(422).shows("4 至 100");
        let file = office.submit(form.set("why", "送公安部门核验")).await.expect(200);
        let list = rows(&file.body);
        assert_eq!(list.len(), 4, "{list:?}");
        assert!(list.iter().any(|row| row[1] == "林一舟" && row[3] == lin.person.number));
        assert!(list[3][0].starts_with("【敏感信息】") && list[3][0].contains("送公安部门核验"), "{list:?}");
        // Nothing of it counts before it came back whole.
        let item = |name: &str| list.iter().find(|row| row[1] == name).unwrap()[0].clone();
        let short = answers(&[(&item("林一舟"), "一致"), (&item("苏晓"), "也许"), ("nobody", "一致")]);
        let upload = page.form(&format!("{home}/results"));
        let page = office.submit(upload.clone().file("file", "结果.csv", CSV, &short)).await.expect(200);
        page.shows("有 4 处问题").shows("不在这份名单里").shows("没有结果").shows("应为“一致”");
        let refused = office.post(&format!("{home}/confirm"), &[]).await;
        assert!(refused.html().contains("结果还有问题"), "{}", refused.text());
        lin.browser().get("/profile").await.expect(200).shows("核验中");
        let whole = answers(&[(&item("林一舟"), "一致"), (&item("苏晓"), "不一致"), (&item("陈默"), "无法核验")]);
        let page = office.submit(upload.clone().file("file", "结果.csv", CSV, &whole)).await.expect(200).shows("每个人都有结果");
        lin.browser().get("/profile").await.expect(200).shows("核验中");
        office.submit(page.form(&format!("{home}/confirm"))).await.expect(200).shows("结果已导入");
        lin.browser().get("/profile").await.expect(200).shows("实名核验：一致");
        su.browser().get("/profile").await.expect(200).shows("实名核验：不一致").shows("申请更正");
        chen.browser().get("/profile").await.expect(200).shows("实名核验：无法核验");
        lin.browser().get("/profile/education").await.expect(200).shows("学历核验：核验中");
        // Twice does nothing.
        office.submit(upload.file("file", "结果.csv", CSV, &whole)).await.expect(409);
        office.post(&format!("{home}/confirm"), &[]).await.expect(409);
        office.get("/office/checks").await.expect(200).shows("结果已导入");
        let taken: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM audit_entry WHERE action = 'check.take'"), p![]).await.unwrap();
        assert_eq!(taken, 1);
        let page = office.get(&format!("/office/candidates/{}/checks", address(&officer, &su).await)).await.expect(200);
        page.shows("不一致").shows("核验名单").lacks(&su.person.number);
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn every_demand_meets_every_answer_when_somebody_applies(t: TestApp) {
        let t = with_lists(&t);
        let (asked, needed) = (
            demanding(&t, Demand::Asked, Demand::Off).await,
            demanding(&t, Demand::Needed, Demand::Off).await,
        );
        let off = demanding(&t, Demand::Off, Demand::Off).await;
        let (one, no, who, none) = (t.ready("林一舟").await, t.ready("苏晓").await, t.ready("陈默").await, t.ready("高远").await);
        // Before any answer.
        assert_eq!(refusal(apply(&one, &needed).await), "identity_waiting");
        answered(&t, CheckKind::Identity, &[("苏晓", "不一致"), ("陈默", "无法核验"), ("高远", "无法核验")]).await;
        for (candidate, at_asked, at_needed) in [
            (&one, "", ""),
            (&no, "identity_mismatch", "identity_mismatch"),
            (&who, "", "identity_unknown"),
        ] {
            for (exam, wanted) in [(&asked, at_asked), (&needed, at_needed), (&off, "")] {
                let answer = apply(candidate, exam).await;
                match wanted {
                    "" => drop(answer.unwrap()),
                    code => assert_eq!(refusal(answer), code, "{}", candidate.person.name),
                }
            }
        }
        let mut browser = no.browser();
        let page = browser.get(&format!("/apply/{}/{}", needed.public_id, needed.position(POSITION))).await;
        assert!(page.status.as_u16() < 500);
        // What the application keeps, and that the invariants look at it.
        let kept: Vec<(String, Option<String>)> = t.app.db().scan(Crowd::System).rows(
            sql!("SELECT demand, verdict FROM application_check ORDER BY demand, verdict"), p![],
        ).await.unwrap();
        let told = |demand: &str, verdict: &str| (demand.to_owned(), Some(verdict.to_owned()));
        assert_eq!(kept, [told("asked", "match"), told("asked", "unknown"), told("needed", "match")]);
        assert_eq!(broken_names(&t).await, [""; 0]);
        // The control: another exam's rule, written over the answer, is found.
        run(&t, &["UPDATE application_check SET demand = 'needed' WHERE verdict = 'unknown'"]).await;
        assert_eq!(broken_names(&t).await, ["要求核验通过的报名，保存时都有一致的结果，不一致的没有"]);
        let _ = none;
    }

    async fn a_new_name_or_education_is_a_new_question_at_once(t: TestApp) {
        let t = with_lists(&t);
        let exam = demanding(&t, Demand::Off, Demand::Needed).await;
        let lin = t.ready("林一舟").await;
        answered(&t, CheckKind::Education, &[]).await;
        apply(&lin, &exam).await.unwrap();
        app::profile::save_education(&lin.ctx(), None, &EducationForm { level: "14".into(), degree: String::new(), ..education("某大学") }).await.unwrap();
        // Before any job came: the old answer is no answer to this.
        assert_eq!(refusal(apply(&lin, &exam).await), "education_waiting");
        lin.browser().get("/profile/education").await.expect(200).shows("学历核验：核验中");
        asks(&t).await;
        assert_eq!(refusal(apply(&lin, &exam).await), "education_waiting");
        answered(&t, CheckKind::Education, &[("林一舟", "不一致")]).await;
        assert_eq!(refusal(apply(&lin, &exam).await), "education_mismatch");
        // Something else of the profile is no new question.
        t.fill_profile(&t.candidate("旁人").await).await;
        let before: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM check_item"), p![]).await.unwrap();
        let work = app::profile::own(&lin.ctx()).await.unwrap();
        assert!(work.stored.version > 0);
        asks(&t).await;
        asks(&t).await;
        let after: i64 = t.app.db().scan(Crowd::System).one(
            sql!("SELECT COUNT(*) FROM check_item i JOIN account a ON a.id = i.account_id WHERE a.name <> '旁人'"), p![],
        ).await.unwrap();
        assert_eq!(before, after);
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn what_was_answered_about_another_question_does_not_count_however_it_comes(t: TestApp) {
        let t = with_lists(&t);
        let lin = t.ready("林一舟").await;
        asks(&t).await;
        let ctx = desk(&t).await.ctx().await;
        let id = batch::make(&ctx, CheckKind::Education, "送学信网核验").await.unwrap();
        let list = rows(&batch::take(&ctx, &id, "送学信网核验").await.unwrap());
        // While the list is away, he changes his education: the answer is to another question.
        app::profile::save_education(&lin.ctx(), None, &EducationForm { level: "14".into(), degree: String::new(), ..education("某大学") }).await.unwrap();
        let again = rows(&batch::take(&ctx, &id, "再下载一次").await.unwrap());
        assert_eq!((list.len(), again.len()), (2, 1), "what was changed leaves the list");
        asks(&t).await;
        batch::upload(&ctx, &id, "结果.csv", &answers(&[(&list[0][0], "一致")])).await.unwrap();
        batch::confirm(&ctx, &id).await.unwrap();
        let shown = check::own(&lin.ctx()).await.unwrap();
        let education = shown.iter().find(|one| one.kind == CheckKind::Education).unwrap();
        assert_eq!(education.verdict(), None);
        // The control: with the digest of the old question put under the new one, the answer would count.
        run(&t, &["UPDATE check_item SET verdict = 'match', answered_at = 1, reference = '' WHERE replaced_at IS NULL AND kind = 'education'"]).await;
        let shown = check::own(&lin.ctx()).await.unwrap();
        assert_eq!(shown.iter().find(|one| one.kind == CheckKind::Education).unwrap().verdict(), Some(Verdict::Match));
    }

    async fn an_adapter_that_answers_at_once_is_asked_by_the_job_and_again_when_nobody_answers(t: TestApp) {
        let (t, verifier) = scripted(&t);
        let exam = demanding(&t, Demand::Needed, Demand::Off).await;
        let lin = t.ready("林一舟").await;
        asks(&t).await;
        assert_eq!(verifier.asked(), 1);
        assert_eq!(refusal(apply(&lin, &exam).await), "identity_waiting");
        verifier.set("林一舟", answer(Verdict::Unknown));
        asks(&t).await;
        assert_eq!(verifier.asked(), 1, "not before its time");
        t.clock.advance(601);
        t.run_jobs().await;
        assert_eq!(verifier.asked(), 2);
        assert_eq!(refusal(apply(&lin, &exam).await), "identity_unknown");
        // Nothing changed: nothing is asked.
        t.clock.advance(3600);
        asks(&t).await;
        assert_eq!(verifier.asked(), 2);
        let sources: Vec<(String, String)> = t.app.db().scan(Crowd::System).rows(sql!("SELECT source, unknown FROM check_item"), p![]).await.unwrap();
        assert_eq!(sources, [("scripted".to_owned(), "not_found".to_owned())]);
        // His own copy tells what his pages do, and not the number that the register gave.
        let mut own = lin.again().await.browser();
        let page = own.get("/account").await.expect(200);
        let copy = own.submit(page.form("/account/copy")).await.expect(200);
        let copy: serde_json::Value = serde_json::from_slice(&copy.body).unwrap();
        let check = &copy["实名与学历核验"][0];
        assert_eq!((check["种类"].as_str(), check["结果"].as_str(), check["原因"].as_str()), (Some("实名核验"), Some("无法核验"), Some("没有查到记录")));
        assert_eq!(check["结果来源"], "scripted");
        assert!(check["提出核验的时间"].is_string() && check["结果时间"].is_string(), "{check}");
        assert!(!copy.to_string().contains("GA-1"));
        // Education is nobody's to check: it waits without end, and is asked about when somebody is there.
        let due: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM check_due WHERE kind = 'education'"), p![]).await.unwrap();
        assert_eq!(due, 1);
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn two_people_with_the_document_before_them_find_a_match(t: TestApp) {
        let (t, verifier) = scripted(&t);
        let exam = demanding(&t, Demand::Needed, Demand::Off).await;
        let lin = t.ready("林一舟").await;
        verifier.set("林一舟", answer(Verdict::Mismatch));
        asks(&t).await;
        assert_eq!(refusal(apply(&lin, &exam).await), "identity_mismatch");
        let (one, two) = (desk(&t).await, desk(&t).await);
        let (mut first, mut second) = (one.browser(), two.browser());
        let home = format!("/office/candidates/{}/checks", address(&one, &lin).await);
        let page = first.get(&home).await.expect(200).shows("人工认定一致").shows("scripted");
        let item = page.html();
        let item = item.split("name=\"item\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a choice").to_owned();
        let form = page.form(&home).set("item", &item);
        first.submit(form.clone().set("reason", "看过")).await.expect(422).shows("4 至 300");
        // Without a choice the form comes back, with both that is wrong and what was typed.
        let unchosen = page.form(&home).set("reason", "身份证原件与系统填写相符");
        let again = first.submit(unchosen).await.expect(422).shows("请选择认定哪一项");
        assert_eq!(again.form(&home).value("reason"), Some("身份证原件与系统填写相符"));
        first.submit(page.form(&home)).await.expect(422).shows("请选择认定哪一项").shows("4 至 300");
        first.submit(form.clone().set("reason", "身份证原件与系统填写相符，派出所已开证明")).await.expect(200).shows("已提交");
        first.submit(form.set("reason", "身份证原件与系统填写相符，派出所已开证明")).await.expect(409);
        let link = first.get("/office/approvals").await.expect(200).link("人工认定核验一致");
        let id = link.rsplit('/').next().unwrap();
        let own = approval::decide(&one.ctx().await, id, true, "自己同意").await;
        assert!(matches!(own, Err(Error::Refused(refusal)) if refusal.code == "same_person"));
        assert_eq!(refusal(apply(&lin, &exam).await), "identity_mismatch");
        let page = second.get(&link).await.expect(200).shows("不一致").shows("一致（人工认定）").lacks(&lin.person.number);
        second.submit(page.form(&link).set("note", "已再次核对原件").press("同意")).await.expect(200);
        apply(&lin, &exam).await.unwrap();
        first.get(&home).await.expect(200).shows("工作人员核对原件").lacks("提交复核");
        assert_eq!(broken_names(&t).await, [""; 0]);
        // The control: without the second person's word it is found.
        run(&t, &["UPDATE approval SET state = 'open', decided_by = NULL WHERE kind = 'check_overrule'"]).await;
        assert_eq!(broken_names(&t).await, ["人工认定的核验都由两人办理，导入的结果每个人都有"]);
        run(&t, &["UPDATE approval SET state = 'approved', decided_by = 1 WHERE kind = 'check_overrule'"]).await;
        // A corrected name is another question: what was found is over.
        run(&t, &["UPDATE account SET name = '林一洲' WHERE name = '林一舟'"]).await;
        assert_eq!(refusal(apply(&lin, &exam).await), "identity_waiting");
    }

    async fn the_reviewer_sees_the_checks_and_nothing_approves_itself_over_them(t: TestApp) {
        let (t, verifier) = scripted(&t);
        let exam = t.recruitment(|settings| {
            settings.checks.identity = Demand::Asked;
            settings.review.auto_when_all_pass = true;
        }).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        verifier.set("林一舟", answer(Verdict::Match));
        verifier.set("苏晓", answer(Verdict::Unknown));
        asks(&t).await;
        let (sure, unsure) = (apply(&lin, &exam).await.unwrap(), apply(&su, &exam).await.unwrap());
        let review = |id: String| { let t = t.clone(); async move {
            let review: String = t.app.db().scan(Crowd::System).one(sql!("SELECT review FROM application WHERE public_id = $1"), p![id.as_str()]).await.unwrap();
            review
        } };
        assert_eq!((review(sure).await.as_str(), review(unsure.clone()).await.as_str()), ("approved", "pending"));
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        let page = reviewer.get(&format!("/office/reviews/{}/{unsure}", exam.public_id)).await.expect(200);
        page.shows("实名核验").shows("无法核验").shows("没有查到记录").shows("报名时：无法核验").shows("GA-1");
    }

    async fn an_exam_cannot_ask_for_what_nobody_can_check_and_keeps_what_it_asked_for(t: TestApp) {
        let officer = desk(&t).await;
        let exam = demanding_draft(&t, &officer).await;
        let mut office = officer.browser();
        office.get(&format!("/office/exams/{exam}")).await.expect(200).shows("没有开通").shows("checks.education");
        let refused = app::exam::publish(&officer.ctx().await, &exam).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        // The control: with somebody to ask, that isn't what stands in the way.
        let t = with_lists(&t);
        let draft = app::exam::find(&t.app, &exam).await.unwrap();
        let check = app::exam::check(&t.app, &draft).await.unwrap();
        assert!(!format!("{check:?}").contains("没有开通"), "{check:?}");
        let page = officer.at(&t).browser().get(&format!("/office/exams/{exam}/steps")).await.expect(200);
        assert_eq!(page.form(&format!("/office/exams/{exam}/steps")).value("education_check"), Some("needed"));
    }

    async fn a_list_that_is_given_up_lets_its_people_wait_again_and_an_old_one_cannot_be_taken(t: TestApp) {
        let t = with_lists(&t);
        let lin = t.ready("林一舟").await;
        asks(&t).await;
        let officer = desk(&t).await;
        let ctx = officer.ctx().await;
        let id = batch::make(&ctx, CheckKind::Identity, "送公安部门核验").await.unwrap();
        assert!(matches!(batch::make(&ctx, CheckKind::Identity, "再来一份").await, Err(Error::Refused(_))));
        batch::upload(&ctx, &id, "结果.csv", &answers(&[("nobody", "一致")])).await.unwrap();
        t.clock.advance_hours(24 * 8);
        let late = app::Ctx { at: t.now(), ..ctx.clone() };
        assert!(matches!(batch::take(&late, &id, "送公安部门核验").await, Err(Error::Refused(_))));
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut office = officer.browser();
        let home = format!("/office/checks/{id}");
        let page = office.get(&home).await.expect(200).shows("现在已过");
        office.submit(page.form(&format!("{home}/discard"))).await.expect(200).shows("已放弃");
        let ctx = officer.ctx().await;
        assert_eq!(batch::waiting(&ctx, CheckKind::Identity).await.unwrap(), 1);
        assert!(matches!(batch::discard(&ctx, &id).await, Err(Error::Conflict(_))));
        assert!(matches!(batch::upload(&ctx, &id, "结果.csv", &answers(&[("nobody", "一致")])).await, Err(Error::Conflict(_))));
        // Whoever closes the account is asked about no more.
        let again = lin.again().await;
        app::account::close(&again.ctx(), app::Secret::new(&*again.password)).await.unwrap();
        assert_eq!(batch::waiting(&ctx, CheckKind::Identity).await.unwrap(), 0);
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn two_workers_ask_about_everybody_once(t: TestApp) {
        let (t, verifier) = scripted(&t);
        for n in 0..8 {
            let name = format!("考生{}", char::from_u32(0x4e00 + n).unwrap());
            verifier.set(&name, answer(Verdict::Match));
            t.candidate(&name).await;
        }
        let workers: Vec<_> = (0..4).map(|_| {
            let t = t.clone();
            testkit::tokio::spawn(async move { check::ask_due(&t.system()).await })
        }).collect();
        for worker in workers {
            // Whoever came second is told, and comes again.
            drop(worker.await.unwrap());
        }
        asks(&t).await;
        let items: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM check_item WHERE replaced_at IS NULL"), p![]).await.unwrap();
        let all: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM check_item"), p![]).await.unwrap();
        assert_eq!((items, all), (8, 8));
    }
}
