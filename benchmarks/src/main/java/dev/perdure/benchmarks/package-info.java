/// Measurements that take longer than `./perdure bench`. Each prints ratios to a raw limit of the same run where there
/// is one. Run them with `benchmarks/run NAME`.
@NullMarked
package dev.perdure.benchmarks;

import org.jspecify.annotations.NullMarked;
