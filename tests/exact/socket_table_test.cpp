// The table that the programs in the kernel and the reader share: places in memory of both, and a hash.

#include "exact/socket_table.h"

#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "exact/shared_memory.h"
#include "maps.h"
#include "posix/clock.h"
#include "records/tcp_state.h"

namespace halfclosed {

namespace {

using exact::SocketTable;

constexpr auto kCloseWait = static_cast<__u8>(TcpState::close_wait);

class SharedTable : public testing::Test {
 protected:
    void put_at(std::size_t place, std::uint64_t cookie, const exact_socket& socket) {
        shared_->sockets[place] = socket;
        shared_->cookies[place] = cookie;
    }

    /// As a program does.
    void put(std::uint64_t cookie, const exact_socket& socket) {
        put_at(EXACT_NEAR_PLACE(cookie), cookie, socket);
    }

    /// With others, so that it will be in the hash.
    void fill_places_of(std::uint64_t cookie) {
        put(cookie + EXACT_NEAR_PLACES, socket_in(kCloseWait));
        put_at(EXACT_FAR_PLACE(cookie), cookie + EXACT_FAR_PLACES, socket_in(kCloseWait));
    }

    std::map<std::uint64_t, __u8> all() const {
        std::map<std::uint64_t, __u8> states;
        table_.for_each([&](std::uint64_t cookie, const exact_socket& socket) {
            EXPECT_TRUE(states.emplace(cookie, socket.state).second) << cookie << " twice";
        });
        return states;
    }

    posix::Descriptor map_ = make_shared_map();
    posix::Descriptor hash_ = make_socket_hash();
    exact::SharedMemory shared_ = exact::share(map_);
    SocketTable table_{*shared_, hash_};
};

TEST_F(SharedTable, TellsWhatHasAPlaceAndWhatIsInTheHash) {
    constexpr std::uint64_t kSecond = 5 + EXACT_FAR_PLACES;  // of those whose places are 5's
    constexpr std::uint64_t kThird = 5 + 2 * EXACT_FAR_PLACES;
    put(5, socket_in(kCloseWait));
    for (const std::uint64_t cookie : {std::uint64_t{7}, kSecond, kThird}) {
        table_.add(cookie, socket_in(kCloseWait));
    }
    EXPECT_THAT(all(), testing::UnorderedElementsAre(
                           testing::Pair(5, kCloseWait), testing::Pair(7, kCloseWait),
                           testing::Pair(kSecond, kCloseWait), testing::Pair(kThird, kCloseWait)));
    EXPECT_EQ(shared_->sockets_in_hash, 1U);
    EXPECT_TRUE(table_.find(5) && table_.find(7) && table_.find(kSecond) && table_.find(kThird));
    EXPECT_FALSE(table_.find(6));
}

TEST_F(SharedTable, FindsWhatHasEitherPlaceAlone) {
    put(5, socket_in(kCloseWait));
    for (const std::uint64_t cookie : {5 + EXACT_FAR_PLACES, 5 + 2 * EXACT_FAR_PLACES}) {
        table_.add(cookie, socket_in(kCloseWait));
        ASSERT_TRUE(table_.take(cookie == 5 + EXACT_FAR_PLACES ? 5 : 5 + EXACT_FAR_PLACES));
        EXPECT_TRUE(table_.find(cookie));
    }
    EXPECT_TRUE(table_.take(5 + 2 * EXACT_FAR_PLACES));
    EXPECT_THAT(all(), testing::IsEmpty());
}

TEST_F(SharedTable, TellsNothingOfAPlaceThatIsBeingFilled) {
    put(5, socket_in(kCloseWait));
    shared_->cookies[5] = EXACT_FILLING;
    EXPECT_THAT(all(), testing::IsEmpty());
    EXPECT_FALSE(table_.find(5));
}

TEST_F(SharedTable, TellsNothingOfAPlaceThatTheReaderIsFilling) {
    put_at(EXACT_FAR_PLACE(5), EXACT_ADDING(5), socket_in(kCloseWait));
    EXPECT_THAT(all(), testing::IsEmpty());
    EXPECT_FALSE(table_.find(5));
}

// It may be free for a moment in which a program, who found it taken, goes on to the far place.
TEST_F(SharedTable, AddsToNoNearPlace) {
    put_at(EXACT_FAR_PLACE(5), 5 + EXACT_FAR_PLACES, socket_in(kCloseWait));
    table_.add(5, socket_in(kCloseWait));
    EXPECT_EQ(shared_->cookies[EXACT_NEAR_PLACE(5)], 0U);
    EXPECT_EQ(shared_->sockets_in_hash, 1U);
    EXPECT_TRUE(table_.find(5));
}

TEST_F(SharedTable, IsTakenFromOnce) {
    fill_places_of(7);
    put(5, socket_in(kCloseWait));
    table_.add(7, socket_in(kCloseWait));
    for (const std::uint64_t cookie : {5, 7}) {
        const auto taken = table_.take(cookie);
        ASSERT_TRUE(taken) << cookie;
        EXPECT_EQ(taken->state, kCloseWait);
        EXPECT_FALSE(table_.take(cookie)) << cookie;
    }
    EXPECT_EQ(shared_->sockets_in_hash, 0U);
}

TEST_F(SharedTable, AddsNothingThatIsThere) {
    put(5, socket_in(kCloseWait, 42));
    table_.add(5, socket_in(kCloseWait, 0));
    EXPECT_EQ(table_.find(5)->since, 42U);
    fill_places_of(7);
    table_.add(7, socket_in(kCloseWait, 42));
    table_.add(7, socket_in(kCloseWait, 0));
    EXPECT_EQ(table_.find(7)->since, 42U);
    EXPECT_EQ(shared_->sockets_in_hash, 1U);
}

TEST_F(SharedTable, OfAFullHashDoesNotSayThatMoreAreThere) {
    for (std::uint64_t cookie = 1; cookie <= 20; ++cookie) {
        fill_places_of(cookie);
        table_.add(cookie, socket_in(kCloseWait));
    }
    EXPECT_EQ(all().size(), 2 * 20 + shared_->sockets_in_hash);
    EXPECT_LT(shared_->sockets_in_hash, 20U);
}

// The kernel's word that it destroyed them did not come.
TEST_F(SharedTable, DropsWhatHasBeenOverForTenSeconds) {
    const auto now = static_cast<std::uint64_t>(posix::monotonic_clock_now().count());
    put(5, socket_in(EXACT_OVER, now));
    put(6, socket_in(EXACT_OVER, now - 11'000'000'000));
    table_.add(7, socket_in(EXACT_OVER, now - 11'000'000'000));
    EXPECT_THAT(all(), testing::IsEmpty());
    EXPECT_TRUE(table_.find(5));
    EXPECT_FALSE(table_.find(6));
    EXPECT_FALSE(table_.find(7));
}

TEST_F(SharedTable, DropsNothingThatIsOverWhileADumpIsRead) {
    table_.keep_over();
    put(5, socket_in(EXACT_OVER));
    EXPECT_THAT(all(), testing::IsEmpty());
    EXPECT_TRUE(table_.find(5));
    table_.give_up_over();
    EXPECT_THAT(all(), testing::IsEmpty());
    EXPECT_FALSE(table_.find(5));
}

}  // namespace

}  // namespace halfclosed
