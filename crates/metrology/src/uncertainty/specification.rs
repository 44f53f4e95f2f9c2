//! What a data sheet says an instrument is accurate to.

use exact_decimal::Decimal;

/// The most rows of one specification.
pub const MAX_ROWS: usize = 10_000;

/// Parts of an accuracy: `% of reading + % of range + offset`, exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Per cent of what is read.
    pub percent_of_reading: Decimal,
    /// Per cent of the range.
    pub percent_of_range: Decimal,
    /// In the unit of the reading.
    pub offset: Decimal,
}

/// What is added for each degree outside a span of temperatures.
#[derive(Clone, Debug, PartialEq)]
pub struct TemperatureCoefficient {
    /// The lowest temperature at which nothing is added, °C.
    pub lowest_celsius: Decimal,
    /// The highest.
    pub highest_celsius: Decimal,
    /// Added for each degree beyond.
    pub per_degree: Terms,
}

/// The accuracy in one range up to some time after calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct AccuracyRow {
    /// The range: its nominal value, in the unit of the reading.
    pub range: Decimal,
    /// The largest reading it holds for; with overrange it passes the range.
    pub up_to: Decimal,
    /// Days after calibration for which it holds.
    pub days: u32,
    /// The accuracy, ±.
    pub accuracy: Terms,
    /// What is added at other temperatures; none: it holds at any.
    pub temperature: Option<TemperatureCoefficient>,
}

/// A table of accuracies of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct Specification {
    rows: Vec<AccuracyRow>,
}

/// Why a specification says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecificationError {
    /// No row, or too many.
    #[error("{found} rows of accuracy; 1 to {MAX_ROWS} are wanted")]
    Rows {
        /// How many there are.
        found: usize,
    },
    /// The range is not in the table.
    #[error("no accuracy is stated for the range {range}; one of {known} is wanted")]
    NoRange {
        /// The range.
        range: Decimal,
        /// Those there are.
        known: String,
    },
    /// The reading passes what the range is specified for.
    #[error("{reading} passes what the range {range} is specified for, {up_to}")]
    BeyondRange {
        /// The reading.
        reading: Decimal,
        /// The range.
        range: Decimal,
        /// The largest it is specified for.
        up_to: Decimal,
    },
    /// The calibration is older than any row.
    #[error("calibrated {days} days ago; accuracy is stated for up to {most} days")]
    TooOld {
        /// How long ago.
        days: u32,
        /// The longest of the table.
        most: u32,
    },
    /// Beyond the bounds of a decimal.
    #[error("the accuracy passes the bounds of a decimal")]
    Bounds,
}

impl Specification {
    /// A table of accuracies.
    ///
    /// # Errors
    /// Without rows, and with more than [`MAX_ROWS`].
    pub fn new(rows: Vec<AccuracyRow>) -> Result<Self, SpecificationError> {
        let found = rows.len();
        if found == 0 || found > MAX_ROWS {
            return Err(SpecificationError::Rows { found });
        }
        Ok(Self { rows })
    }

    /// The half width ± within which the maker warrants a reading, exact, in its unit: in a range, so many days
    /// after calibration, at an ambient temperature. Of several rows that hold, the one of the shortest time
    /// counts. It is a [`Component`](super::Component) as `bounded`, of whatever shape the laboratory decides.
    ///
    /// # Errors
    /// When the range is not in the table, the reading passes it, or the calibration is too old.
    pub fn half_width(
        &self,
        reading: &Decimal,
        range: &Decimal,
        days: u32,
        celsius: &Decimal,
    ) -> Result<Decimal, SpecificationError> {
        let row = self.row(range, days)?;
        if reading.abs() > row.up_to {
            let [reading, range, up_to] = [reading, range, &row.up_to].map(Clone::clone);
            return Err(SpecificationError::BeyondRange { reading, range, up_to });
        }
        row.half_width(reading, celsius).ok_or(SpecificationError::Bounds)
    }

    fn row(&self, range: &Decimal, days: u32) -> Result<&AccuracyRow, SpecificationError> {
        let of_range: Vec<_> = self.rows.iter().filter(|row| row.range == *range).collect();
        let Some(most) = of_range.iter().map(|row| row.days).max() else {
            let mut known: Vec<String> =
                self.rows.iter().map(|row| row.range.to_string()).collect();
            known.dedup();
            let known = known.join(", ");
            return Err(SpecificationError::NoRange { range: range.clone(), known });
        };
        let holding = of_range.into_iter().filter(|row| row.days >= days);
        holding.min_by_key(|row| row.days).ok_or(SpecificationError::TooOld { days, most })
    }
}

impl AccuracyRow {
    fn half_width(&self, reading: &Decimal, celsius: &Decimal) -> Option<Decimal> {
        let base = self.accuracy.of(reading, &self.range)?;
        let Some(temperature) = &self.temperature else { return Some(base) };
        let beyond = temperature.degrees_beyond(celsius)?;
        let added = temperature.per_degree.of(reading, &self.range)?.checked_mul(&beyond).ok()?;
        base.checked_add(&added).ok()
    }
}

impl Terms {
    fn of(&self, reading: &Decimal, range: &Decimal) -> Option<Decimal> {
        let of_reading = self.percent_of_reading.checked_mul(&reading.abs()).ok()?;
        let of_range = self.percent_of_range.checked_mul(&range.abs()).ok()?;
        let percent = of_reading.checked_add(&of_range).ok()?;
        percent.scale_by_power_of_ten(-2)?.checked_add(&self.offset).ok()
    }
}

impl TemperatureCoefficient {
    fn degrees_beyond(&self, celsius: &Decimal) -> Option<Decimal> {
        let below = self.lowest_celsius.checked_sub(celsius).ok()?;
        let above = celsius.checked_sub(&self.highest_celsius).ok()?;
        Some(below.max(above).max(Decimal::zero()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn terms(of_reading: &str, of_range: &str) -> Terms {
        let [percent_of_reading, percent_of_range] = [of_reading, of_range].map(number);
        Terms { percent_of_reading, percent_of_range, offset: number("0") }
    }

    fn row(range: &str, days: u32, of_reading: &str, of_range: &str) -> AccuracyRow {
        let up_to = number(range).checked_mul(&number("1.2")).unwrap();
        AccuracyRow {
            range: number(range),
            up_to,
            days,
            accuracy: terms(of_reading, of_range),
            temperature: Some(TemperatureCoefficient {
                lowest_celsius: number("18"),
                highest_celsius: number("28"),
                per_degree: terms("0.0005", "0.0001"),
            }),
        }
    }

    /// DC volts of the 34401A (data sheet; its service guide, chapter 4, prints the limits of the last column).
    fn multimeter() -> Specification {
        let rows = vec![
            row("0.1", 1, "0.0030", "0.0030"),
            row("0.1", 90, "0.0040", "0.0035"),
            row("0.1", 365, "0.0050", "0.0035"),
            row("1", 1, "0.0020", "0.0006"),
            row("1", 90, "0.0030", "0.0007"),
            row("1", 365, "0.0040", "0.0007"),
            row("10", 1, "0.0015", "0.0004"),
            row("10", 90, "0.0020", "0.0005"),
            row("10", 365, "0.0035", "0.0005"),
            row("100", 1, "0.0020", "0.0006"),
            row("100", 90, "0.0035", "0.0006"),
            row("100", 365, "0.0045", "0.0006"),
            row("1000", 1, "0.0020", "0.0006"),
            row("1000", 90, "0.0035", "0.0010"),
            row("1000", 365, "0.0045", "0.0010"),
        ];
        Specification::new(rows).unwrap()
    }

    /// All fifteen limits of the service guide, exactly.
    #[test]
    fn the_limits_of_the_service_guide_come_out() {
        for (range, day, quarter, year) in [
            ("0.1", "0.000006", "0.0000075", "0.0000085"),
            ("1", "0.000026", "0.000037", "0.000047"),
            ("10", "0.00019", "0.00025", "0.0004"),
            ("100", "0.0026", "0.0041", "0.0051"),
            ("1000", "0.026", "0.045", "0.055"),
        ] {
            for (days, wanted) in [(1, day), (2, quarter), (90, quarter), (91, year), (365, year)] {
                for reading in [number(range), number(&format!("-{range}"))] {
                    let found =
                        multimeter().half_width(&reading, &number(range), days, &number("23"));
                    assert_eq!(found, Ok(number(wanted)), "{range} {days}");
                }
            }
        }
    }

    #[test]
    fn degrees_beyond_the_span_are_added() {
        let at = |celsius: &str| {
            multimeter().half_width(&number("10"), &number("10"), 365, &number(celsius)).unwrap()
        };
        assert_eq!(at("18"), at("28"));
        assert_eq!(at("30.5"), number("0.00055"), "2.5 degrees of 60 uV each");
        assert_eq!(at("16"), number("0.00052"));
    }

    #[test]
    fn where_it_says_nothing_it_says_so() {
        let ask = |reading: &str, range: &str, days: u32| {
            multimeter().half_width(&number(reading), &number(range), days, &number("23"))
        };
        assert!(ask("12", "10", 1).is_ok());
        assert!(matches!(ask("12.1", "10", 1), Err(SpecificationError::BeyondRange { .. })));
        assert!(matches!(ask("1", "5", 1), Err(SpecificationError::NoRange { .. })));
        let old = SpecificationError::TooOld { days: 366, most: 365 };
        assert_eq!(ask("1", "1", 366), Err(old));
        assert_eq!(Specification::new(vec![]), Err(SpecificationError::Rows { found: 0 }));
    }
}
