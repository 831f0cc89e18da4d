// The reader adds a socket to the table while a program is told of its next steps, and while others are given its
// places and lose them. The programs run in this process, where there are many more such moments than in the kernel.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <string>
#include <thread>

#include "exact/shared_memory.h"
#include "exact/socket_table.h"
#include "in_process/programs.h"
#include "maps.h"
#include "records/tcp_state.h"

namespace halfclosed {

namespace {

constexpr std::uint64_t kRounds = 5'000;
constexpr unsigned kMostTurns = 2'000;  // of a loop that waits
constexpr int kLongestWait = 256;       // of a side of a round, in turns of a loop

class Adding : public testing::Test {
 protected:
    static constexpr __u16 kPort = 9999;
    static constexpr auto kCloseWait = static_cast<__u8>(TcpState::close_wait);
    static constexpr auto kLastAck = static_cast<__u8>(TcpState::last_ack);
    static constexpr auto kClose = static_cast<__u8>(TcpState::close);

    Adding() { in_process::begin(*shared_, hash_.get(), kPort); }

    /// Rounds of both at once, each after a moment of its own; after each round a check.
    template <typename Program, typename Reader, typename Check>
    void race(const Program& program, const Reader& reader, const Check& check) {
        std::atomic<std::uint64_t> arrived{0};
        const auto meet = [&arrived](std::uint64_t round, std::uint64_t wait) {
            arrived.fetch_add(1);
            for (unsigned turns = 0; arrived.load() < 2 * round; ++turns) {
                if (turns > kMostTurns) {
                    std::this_thread::yield();
                }
            }
            for (std::atomic<std::uint64_t> turns{wait}; turns != 0; --turns) {
            }
        };
        std::atomic<std::uint64_t> round{1};
        std::atomic<bool> over{false};
        std::thread others([&] {
            while (!over) {
                occupy(EXACT_NEAR_PLACE(round.load()));
                occupy(EXACT_FAR_PLACE(round.load()));
            }
        });
        std::thread programs([&] {
            for (std::uint64_t cookie = 1; cookie <= kRounds; ++cookie) {
                meet(2 * cookie - 1, cookie * 7 % kLongestWait);
                program(cookie);
                meet(2 * cookie, 0);
            }
        });
        for (std::uint64_t cookie = 1; cookie <= kRounds; ++cookie) {
            round = cookie;
            meet(2 * cookie - 1, cookie * 31 % kLongestWait);
            reader(cookie);
            meet(2 * cookie, 0);
            check(cookie);
        }
        programs.join();
        over = true;
        others.join();
    }

    /// Of all of the table.
    std::size_t copies(std::uint64_t cookie) const {
        exact_socket socket{};
        return static_cast<std::size_t>(
                   std::count(std::begin(shared_->cookies), std::end(shared_->cookies), cookie)) +
               (bpf_map_lookup_elem(hash_.get(), &cookie, &socket) == 0 ? 1 : 0);
    }

    posix::Descriptor map_ = make_shared_map();
    posix::Descriptor hash_ = make_socket_hash();
    exact::SharedMemory shared_ = exact::share(map_);
    exact::SocketTable table_{*shared_, hash_};

 private:
    /// For a moment, with another socket.
    void occupy(std::size_t place) {
        const std::atomic_ref holder(shared_->cookies[place]);
        __u64 nobody = 0;
        if (holder.compare_exchange_strong(nobody, EXACT_FILLING)) {
            for (std::atomic<int> turns{kLongestWait / 2}; turns != 0; --turns) {
            }
            holder = 0;
        }
    }
};

// Whichever of its places the programs have chosen, and whether the reader finds the others free or taken.
TEST_F(Adding, WhileAPlaceIsFilledLeavesWhatIsInThatPlace) {
    const auto step = [this](std::uint64_t cookie, std::size_t taken, bool freed) {
        const std::size_t places[]{EXACT_NEAR_PLACE(cookie), EXACT_FAR_PLACE(cookie)};
        std::fill_n(shared_->cookies, EXACT_PLACES, 0);
        for (std::size_t index = 0; index < taken; ++index) {
            shared_->cookies[places[index]] = cookie + EXACT_FAR_PLACES;
        }
        in_process::while_filling([&] {
            for (std::size_t index = 0; index < taken && freed; ++index) {
                shared_->cookies[places[index]] = 0;
            }
            table_.add(cookie, socket_in(kCloseWait));
        });
        in_process::take_step(cookie, kCloseWait, kLastAck);
        EXPECT_EQ(copies(cookie), 1U);
        EXPECT_EQ(taken < 2 ? shared_->cookies[places[taken]] : shared_->sockets_in_hash,
                  taken < 2 ? cookie : 1U);
        const auto known = table_.take(cookie);
        ASSERT_TRUE(known);
        EXPECT_EQ(known->state, kLastAck);
        EXPECT_EQ(shared_->sockets_in_hash, 0U);
    };
    std::uint64_t cookie = 0;
    for (const std::size_t taken : {0U, 1U, 2U}) {
        for (const bool freed : {false, true}) {
            SCOPED_TRACE(std::to_string(taken) + (freed ? " taken, and free again" : " taken"));
            step(++cookie, taken, freed);
        }
    }
}

TEST_F(Adding, OfASocketThatTakesAStepLeavesOneThatHasTakenIt) {
    race([](std::uint64_t cookie) { in_process::take_step(cookie, kCloseWait, kLastAck); },
         [this](std::uint64_t cookie) { table_.add(cookie, socket_in(kCloseWait)); },
         [this](std::uint64_t cookie) {
             ASSERT_EQ(copies(cookie), 1U) << cookie;
             const auto known = table_.take(cookie);
             ASSERT_TRUE(known) << cookie;
             ASSERT_EQ(known->state, kLastAck) << cookie;
             ASSERT_EQ(in_process::counted(EXACT_CLOSE_WAIT_LAST_ACK), cookie);
             ASSERT_EQ(shared_->sockets_in_hash, 0U) << cookie;
         });
}

TEST_F(Adding, OfASocketThatEndsLeavesNoneAndItsStepsAreCountedOnce) {
    table_.keep_over();
    race(
        [](std::uint64_t cookie) {
            in_process::take_step(cookie, kCloseWait, kLastAck);
            in_process::take_step(cookie, kLastAck, kClose);
            in_process::destroy(cookie);
        },
        [this](std::uint64_t cookie) { table_.add(cookie, socket_in(kCloseWait)); },
        [this](std::uint64_t cookie) {
            ASSERT_EQ(copies(cookie), 1U) << cookie;
            table_.keep_over();
            const auto known = table_.take(cookie);
            ASSERT_TRUE(known) << cookie;
            ASSERT_EQ(known->state, EXACT_OVER) << cookie;
            ASSERT_EQ(in_process::counted(EXACT_CLOSE_WAIT_LAST_ACK), cookie);
            ASSERT_EQ(in_process::counted(EXACT_LAST_ACK_CLOSE), cookie);
            ASSERT_EQ(shared_->sockets_in_hash, 0U) << cookie;
        });
}

}  // namespace

}  // namespace halfclosed
