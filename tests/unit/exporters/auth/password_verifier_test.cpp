#include "exporters/auth/password_verifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "config_file.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

using namespace std::chrono_literals;

class GuardedByOneUser : public testing::Test {
 protected:
    std::future<Verdict> ask(const std::string& user, const std::string& password,
                             const std::string& peer = "peer") {
        auto promise = std::make_shared<std::promise<Verdict>>();
        auto verdict = promise->get_future();
        verifier_.ask({guard_, {user, password}, peer, [promise](Verdict given) {
                           promise->set_value(given);
                       }});
        return verdict;
    }

    GuardFile file_{std::string("basic_auth_users: {one: ") + kHashOfSecret + "}\n"};
    std::shared_ptr<const AccessPolicy> guard_ = std::make_shared<const AccessPolicy>(file_.path());
    PasswordVerifier verifier_;
};

TEST_F(GuardedByOneUser, DecidesOnEachCase) {
    auto right = ask("one", "secret", "a");
    auto wrong = ask("one", "wrong", "b");
    auto unknown = ask("two", "secret", "c");
    EXPECT_EQ(right.get(), Verdict::granted);
    EXPECT_EQ(wrong.get(), Verdict::refused);
    EXPECT_EQ(unknown.get(), Verdict::refused);
    EXPECT_TRUE(guard_->users().remembers({"one", "secret"}));
}

TEST_F(GuardedByOneUser, TurnsAwayWhoeverWaitsAtTheEnd) {
    std::vector<std::future<Verdict>> verdicts;
    for (int i = 0; i < 10; ++i) {
        verdicts.push_back(ask("one", "wrong", "peer " + std::to_string(i)));
    }
    verifier_.stop();
    std::size_t turned_away = 0;
    for (auto& verdict : verdicts) {
        ASSERT_EQ(verdict.wait_for(0s), std::future_status::ready) << "everybody is told";
        turned_away += verdict.get() == Verdict::turned_away ? 1 : 0;
    }
    EXPECT_GT(turned_away, 0U);
    EXPECT_EQ(ask("one", "secret").get(), Verdict::turned_away) << "and whoever comes";
}

TEST_F(GuardedByOneUser, AFloodOfGuessesDoesNotKeepOthersWaiting) {
    std::atomic<bool> done = false;
    std::atomic<int> turned_away = 0;
    std::thread flood([&] {
        for (int i = 0; !done; ++i) {
            verifier_.ask({guard_, {"guess", std::to_string(i)}, "attacker", [&](Verdict verdict) {
                               turned_away += verdict == Verdict::turned_away ? 1 : 0;
                           }});
            std::this_thread::sleep_for(100us);
        }
    });
    while (turned_away < 50) {
        std::this_thread::sleep_for(1ms);
    }
    for (int i = 0; i < 10; ++i) {
        // Also for one who comes from the attacker's address: a name that there is, is a party of its own.
        EXPECT_EQ(ask("one", i % 2 == 0 ? "secret" : "wrong", "attacker").get(),
                  i % 2 == 0 ? Verdict::granted : Verdict::refused);
    }
    done = true;
    flood.join();
    verifier_.stop();
}

/// Three who guess, one after the other, the password of the scraper's own name from its own address.
TEST_F(GuardedByOneUser, AFewGuessersOfTheSameNameKeepNobodyOut) {
    std::atomic<bool> done = false;
    std::vector<std::thread> guessers;
    for (int number = 0; number < 3; ++number) {
        guessers.emplace_back([&] {
            for (int i = 0; !done; ++i) {
                ask("one", std::to_string(i)).wait();
            }
        });
    }
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(ask("one", "secret").get(), Verdict::granted) << i;
    }
    done = true;
    for (std::thread& guesser : guessers) {
        guesser.join();
    }
}

}  // namespace
}  // namespace halfclosed::auth
