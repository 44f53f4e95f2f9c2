//! A small dense system of linear equations.

/// `a * x = b`, grown by stamping. Row and column 0 belong to ground and are never solved for.
#[derive(Clone, Debug)]
pub(crate) struct System {
    size: usize,
    a: Vec<f64>,
    b: Vec<f64>,
}

impl System {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { size: nodes, a: vec![0.0; nodes * nodes], b: vec![0.0; nodes] }
    }

    /// Adds to the coefficient of a node's voltage in the sum of the currents that leave another.
    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        if let Some(cell) = self.a.get_mut(row * self.size + column) {
            *cell += value;
        }
    }

    /// Adds to the current that is fed into a node.
    pub(crate) fn feed(&mut self, row: usize, value: f64) {
        if let Some(cell) = self.b.get_mut(row) {
            *cell += value;
        }
    }

    /// Every coefficient that is not zero, with its row and column; those of ground are left out.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let size = self.size.max(1);
        let cells = self
            .a
            .iter()
            .enumerate()
            .map(move |(place, value)| (place / size, place % size, *value));
        cells.filter(|(row, column, value)| *row > 0 && *column > 0 && *value != 0.0)
    }

    /// The voltages of all nodes, by elimination with partial pivoting; ground is 0 V.
    pub(crate) fn solve(mut self) -> Vec<f64> {
        let mut voltages = vec![0.0; self.size];
        for column in 1..self.size {
            self.pivot(column);
            for row in column + 1..self.size {
                self.eliminate(column, row);
            }
        }
        for row in (1..self.size).rev() {
            let known: f64 =
                (row + 1..self.size).map(|column| self.at(row, column) * voltages[column]).sum();
            let pivot = self.at(row, row);
            voltages[row] = if pivot == 0.0 { 0.0 } else { (self.b[row] - known) / pivot };
        }
        voltages
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.a[row * self.size + column]
    }

    /// Brings the largest coefficient of a column to its diagonal.
    fn pivot(&mut self, column: usize) {
        let size = |row: &usize| self.at(*row, column).abs();
        let best = (column..self.size).max_by(|one, two| size(one).total_cmp(&size(two)));
        if let Some(best) = best.filter(|best| *best != column) {
            for other in 0..self.size {
                self.a.swap(column * self.size + other, best * self.size + other);
            }
            self.b.swap(column, best);
        }
    }

    fn eliminate(&mut self, column: usize, row: usize) {
        let pivot = self.at(column, column);
        if pivot == 0.0 || self.at(row, column) == 0.0 {
            return;
        }
        let factor = self.at(row, column) / pivot;
        for other in column..self.size {
            self.a[row * self.size + other] -= factor * self.at(column, other);
        }
        self.b[row] -= factor * self.b[column];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_equations() {
        let mut system = System::new(3);
        for (row, column, value) in [(1, 1, 0.0), (1, 2, 2.0), (2, 1, 4.0), (2, 2, 1.0)] {
            system.add(row, column, value);
        }
        system.feed(1, 6.0);
        system.feed(2, 11.0);
        assert_eq!(system.solve(), [0.0, 2.0, 3.0]);
    }
}
