#pragma once

#include <cmath>
#include <cstdint>

namespace year {

/// xoshiro256** (Blackman and Vigna), seeded by splitmix64. The same on every machine: the standard's distributions are not.
class Random {
 public:
    explicit Random(std::uint64_t seed) {
        for (std::uint64_t& word : words_) {
            seed += 0x9e3779b97f4a7c15U;
            std::uint64_t mixed = seed;
            mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
            mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
            word = mixed ^ (mixed >> 31U);
        }
    }

    std::uint64_t next() {
        const std::uint64_t result = rotated(words_[1] * 5, 7) * 9;
        const std::uint64_t shifted = words_[1] << 17U;
        words_[2] ^= words_[0];
        words_[3] ^= words_[1];
        words_[1] ^= words_[2];
        words_[0] ^= words_[3];
        words_[2] ^= shifted;
        words_[3] = rotated(words_[3], 45);
        return result;
    }

    /// From 0 to 1, without 1.
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

    bool chance(double probability) { return unit() < probability; }

    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }

    /// Exponentially distributed.
    std::int64_t about(std::int64_t mean) {
        return static_cast<std::int64_t>(-std::log1p(-unit()) * static_cast<double>(mean)) + 1;
    }

    /// Each order of magnitude as likely as the other.
    std::int64_t spread(std::int64_t least, std::int64_t most) {
        const double ratio = static_cast<double>(most) / static_cast<double>(least);
        return static_cast<std::int64_t>(static_cast<double>(least) * std::pow(ratio, unit()));
    }

 private:
    static std::uint64_t rotated(std::uint64_t word, unsigned count) {
        return (word << count) | (word >> (64U - count));
    }

    std::uint64_t words_[4]{};
};

}  // namespace year
