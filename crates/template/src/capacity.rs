//! How much room Go's `append` makes: `slice` can reach beyond the end of a list, up to its capacity.

/// The sizes in which Go's allocator hands out memory.
const SIZE_CLASSES: [usize; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
    448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
    3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336,
    16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
];

/// What the allocator keeps for itself of larger pieces that hold pointers.
const HEADER: usize = 8;

/// From this size on pieces that hold pointers have a header.
const HEADER_FROM: usize = 512;

const PAGE: usize = 8192;

/// The elements of a slice, as the allocator sees them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Element {
    pub(crate) size: usize,
    pub(crate) has_pointers: bool,
}

impl Element {
    /// `runtime.growslice`: the capacity after appending to a slice that is too small for `length` elements.
    pub(crate) fn grown(self, capacity: usize, length: usize) -> usize {
        /// Up to here slices double.
        const THRESHOLD: usize = 256;
        let wanted = if length > 2 * capacity {
            length
        } else if capacity < THRESHOLD {
            2 * capacity
        } else {
            let mut wanted = capacity;
            while wanted < length || wanted == capacity {
                wanted += (wanted + 3 * THRESHOLD) >> 2;
            }
            wanted
        };
        self.rounded(wanted * self.size) / self.size
    }

    /// The capacity after appending `length` elements one by one to an empty slice.
    pub(crate) fn grown_one_by_one(self, length: usize) -> usize {
        let mut capacity = 0;
        while capacity < length {
            capacity = self.grown(capacity, capacity + 1);
        }
        capacity
    }

    /// `runtime.roundupsize`.
    fn rounded(self, size: usize) -> usize {
        let header = if self.has_pointers && size > HEADER_FROM { HEADER } else { 0 };
        let class = SIZE_CLASSES.partition_point(|&class| class < size + header);
        match SIZE_CLASSES.get(class) {
            Some(&class) if size <= SIZE_CLASSES[SIZE_CLASSES.len() - 1] - HEADER => class - header,
            _ => size.div_ceil(PAGE) * PAGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERFACE: Element = Element { size: 16, has_pointers: true };
    const INT: Element = Element { size: 8, has_pointers: false };

    /// All capacities that `append` gives up to a length, as Go 1.26 printed them.
    fn capacities(element: Element, length: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (1..=length).map(|length| element.grown_one_by_one(length)).collect();
        all.dedup();
        all
    }

    #[test]
    fn slices_grow_as_in_go() {
        let interfaces = [
            1, 2, 4, 8, 16, 32, 71, 143, 303, 591, 1023, 1535, 2560, 3584, 5120, 6656, 8704, 11264, 14336,
            18432,
        ];
        assert_eq!(capacities(INTERFACE, 18_000), interfaces);
        let ints =
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408, 5120, 7168, 9216, 12288];
        assert_eq!(capacities(INT, 12_000), ints);
    }

    #[test]
    fn appending_to_a_full_slice() {
        let grown: Vec<usize> =
            [3, 16, 17, 20, 24, 40, 64].map(|length| INTERFACE.grown(length, length + 1)).into();
        assert_eq!(grown, [6, 32, 35, 43, 55, 87, 143]);
        let put_before: Vec<usize> =
            [1, 3, 16, 18, 32, 55].map(|length| INTERFACE.grown(1, length + 1)).into();
        assert_eq!(put_before, [2, 4, 18, 20, 35, 63]);
    }
}
