#pragma once

#include <cstddef>
#include <limits>
#include <memory>

namespace halfclosed::tracking {

/// How many entries several tables may hold together: a bound for a whole process, however many network namespaces have
/// a tracker each. Nothing is set aside; the first that comes takes what is left. Not for use by two threads at a time.
class Allowance {
 public:
    static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

    explicit Allowance(std::size_t most = kUnlimited) : most_(most) {}

    /// From now on. What is above a lower bound is not taken back: nothing is added until it has gone.
    void set(std::size_t most) { most_ = most; }
    std::size_t most() const { return most_; }

    /// By all tables together.
    std::size_t taken() const { return taken_; }

    /// What one table has taken; given back when the table ends. A table that is moved from has none.
    class Share {
     public:
        explicit Share(std::shared_ptr<Allowance> allowance) : allowance_(std::move(allowance)) {}
        Share(Share&& other) noexcept
            : allowance_(std::move(other.allowance_)), size_(other.size_) {}
        Share& operator=(Share&& other) noexcept;
        ~Share();

        /// Says how many entries the table has now.
        void hold(std::size_t size);

        /// How many entries the table may have, if the others stay as they are.
        std::size_t most() const;

        bool has_bound() const { return allowance_->most_ != kUnlimited; }

     private:
        std::shared_ptr<Allowance> allowance_;
        std::size_t size_ = 0;
    };

 private:
    std::size_t most_;
    std::size_t taken_ = 0;
};

}  // namespace halfclosed::tracking
