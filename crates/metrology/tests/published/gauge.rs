//! NIST's analyses of variance, the GUM's H.5, and AIAG's gauge study.

use exact_decimal::Decimal;
use metrology::gauge::{OneWay, PooledOrNot, Study, one_way};
use metrology::summary::offsets_from_first;

use crate::fixture::{Published, agree, rounds_to};

/// The groups of a set as exact differences from its first value.
fn exact_groups(set: &Published) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<&str>> = set.rows().collect();
    let readings: Vec<Decimal> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    let offsets = offsets_from_first(&readings).unwrap();
    let mut groups: Vec<Vec<f64>> = Vec::new();
    for (index, (row, offset)) in rows.iter().zip(offsets).enumerate() {
        if index == 0 || rows[index - 1][0] != row[0] {
            groups.push(Vec::new());
        }
        groups.last_mut().unwrap().push(offset);
    }
    groups
}

fn against_certified(found: &OneWay, set: &Published, relative: f64) {
    assert_eq!(found.between_freedom, set.value("between_df"));
    assert_eq!(found.within_freedom, set.value("within_df"));
    agree(found.between_squares, set.value("between_ss"), relative);
    agree(found.within_squares, set.value("within_ss"), relative);
    agree(found.f().unwrap(), set.value("f"), relative);
    agree(found.within().sqrt(), set.value("residual_deviation"), relative);
}

/// NIST StRD, analysis of variance; SmLs07 has thirteen leading digits in common.
#[test]
fn one_way_analyses_are_certified() {
    for name in ["sirstv", "atmwtag", "smls01", "smls04", "smls07"] {
        let set = Published::read(&format!("strd-{name}.txt"));
        against_certified(&one_way(&exact_groups(&set)).unwrap(), &set, 1e-13);
    }
}

/// As floats the readings themselves have lost digits.
#[test]
fn floats_lose_only_what_they_cannot_hold() {
    for (name, relative) in
        [("sirstv", 1e-11), ("smls01", 1e-13), ("atmwtag", 1e-8), ("smls04", 1e-8)]
    {
        let set = Published::read(&format!("strd-{name}.txt"));
        against_certified(&one_way(&set.groups()).unwrap(), &set, relative);
    }
}

/// JCGM 100:2008, H.5.2.3: ten days of five readings of a Zener standard; F 2.25 with 9 and 40 degrees of freedom
/// is significant at 5 %, not at 2.5 %.
#[test]
fn gum_h5_between_days() {
    let between: f64 = 5.0 * 57.0 * 57.0;
    let within: f64 = 85.0 * 85.0;
    rounds_to(between.sqrt() / 1e3, "0.127");
    let own = OneWay {
        between_squares: 9.0 * between,
        between_freedom: 9.0,
        within_squares: 40.0 * within,
        within_freedom: 40.0,
    };
    rounds_to(own.f().unwrap(), "2.25");
    let p = own.p_value().unwrap();
    assert!(p < 0.05 && p > 0.025, "{p}");
}

fn aiag() -> (Published, Study) {
    let set = Published::read("aiag-gauge.txt");
    let mut readings = vec![vec![Vec::new(); 3]; 10];
    for row in set.rows() {
        let operator = ["A", "B", "C"].iter().position(|name| *name == row[0]).unwrap();
        for (part, word) in row[2..].iter().enumerate() {
            readings[part][operator].push(word.parse().unwrap());
        }
    }
    (set, Study::new(readings).unwrap())
}

/// AIAG MSA, 4th edition, chapter III, section B: the analysis of variance.
#[test]
fn aiag_analysis_of_variance() {
    let (set, study) = aiag();
    let anova = study.anova(0.05).unwrap();
    for (row, name, freedom) in [
        (anova.operators, "operators_ss", 2.0),
        (anova.parts, "parts_ss", 9.0),
        (anova.interaction, "interaction_ss", 18.0),
        (anova.repeatability, "repeatability_ss", 60.0),
    ] {
        assert!((row.squares - set.value(name)).abs() <= 5.1e-5, "{name}: {}", row.squares);
        assert_eq!(row.freedom, freedom);
    }
    assert_eq!(anova.pooling, PooledOrNot::Pooled);
    let (parts, operators) = anova.f().unwrap();
    assert!((parts - 245.614).abs() < 0.01 && (operators - 39.617).abs() < 0.005);
    let found = anova.variation();
    rounds_to(found.repeatability, "0.199933");
    rounds_to(found.operators, "0.226838");
    assert!((found.gauge() - 0.302373).abs() < 2e-6, "the book squares rounded numbers");
    rounds_to(found.parts, "1.042327");
    rounds_to(found.total(), "1.085300");
    assert_eq!(found.interaction, 0.0);
    rounds_to(found.gauge_share().unwrap() * 100.0, "27.9");
    assert_eq!(found.distinct_categories(), Ok(4));
    rounds_to(found.precision_to_tolerance(8.0).unwrap(), "0.23");
    for interval in [
        anova.repeatability_interval(0.95).unwrap(),
        anova.gauge_interval(0.95).unwrap(),
        anova.part_interval(0.95).unwrap(),
    ] {
        assert!(interval.low > 0.0 && interval.low < interval.estimate);
        assert!(interval.estimate < interval.high);
    }
    agree(anova.gauge_interval(0.95).unwrap().estimate.sqrt(), found.gauge(), 1e-12);
    agree(anova.part_interval(0.95).unwrap().estimate.sqrt(), found.parts, 1e-12);
}

/// The interaction kept, whatever its significance: what repeatability was pooled from comes apart again.
#[test]
fn the_interaction_may_be_kept() {
    let (_, study) = aiag();
    let kept = study.anova(0.999).unwrap();
    assert_eq!(kept.pooling, PooledOrNot::Kept);
    let found = kept.variation();
    agree(found.repeatability, (2.7589_f64 / 60.0).sqrt(), 1e-4);
    assert_eq!(found.interaction, 0.0, "its variance comes out negative");
    assert!(study.anova(1.0).is_err());
    let still = Study::new(vec![vec![vec![1.0, 1.0]; 2], vec![vec![2.0, 2.0]; 2]]).unwrap();
    assert!(still.anova(0.25).is_err());
    assert!(still.average_and_range().unwrap().distinct_categories().is_err());
}

/// AIAG MSA, 4th edition, chapter III, section B: the report by averages and ranges.
#[test]
fn aiag_average_and_range() {
    // The book goes on with means, ranges and factors of four digits.
    let found = aiag().1.average_and_range().unwrap();
    assert!((found.repeatability - 0.20188).abs() < 1e-4, "{found:?}");
    assert!((found.operators - 0.22963).abs() < 1e-4, "{found:?}");
    assert!((found.gauge() - 0.30575).abs() < 5e-5, "{found:?}");
    assert!((found.parts - 1.10456).abs() < 2e-4, "{found:?}");
    assert!((found.total() - 1.14610).abs() < 2e-4, "{found:?}");
    rounds_to(found.gauge_share().unwrap() * 100.0, "26.68");
    assert_eq!(found.distinct_categories(), Ok(5));
}
