"""Words from which `composed.py` builds sentences: what people write about products, services, apps and support."""

# Per domain: its aspects, what is said well of one, what is said ill of one.
DOMAINS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "restaurant": (
        ["food", "soup", "pizza", "steak", "burger", "dessert", "lunch", "menu", "fish", "breakfast"],
        ["was delicious", "was cooked perfectly", "came out hot and fresh", "tasted amazing", "was full of flavor", "was worth every penny", "came in generous portions"],
        ["was cold and bland", "was overcooked", "tasted like cardboard", "was greasy and stale", "made me sick", "took over an hour to arrive", "was tiny for the price", "was inedible"],
    ),
    "staff": (
        ["waiter", "staff", "receptionist", "driver", "nurse", "manager", "owner", "technician", "instructor", "cashier"],
        ["was friendly and attentive", "went out of her way to help", "made us feel welcome", "answered every question patiently", "was professional and quick", "remembered our names"],
        ["was rude", "ignored us", "rolled her eyes at us", "had no idea what he was doing", "kept us waiting for an hour", "argued with us", "never came back", "was dismissive and unhelpful"],
    ),
    "hotel": (
        ["room", "bed", "bathroom", "lobby", "pool", "view", "apartment", "suite"],
        ["was spotless", "was quiet and comfortable", "was bigger than in the photos", "was beautifully decorated", "had everything we needed", "was ready early"],
        ["was filthy", "smelled of smoke", "was noisy all night", "had mold on the ceiling", "had bed bugs", "looked nothing like the photos", "had no hot water", "was freezing"],
    ),
    "delivery": (
        ["package", "delivery", "order", "parcel", "shipment", "courier", "replacement"],
        ["arrived a day early", "came well packed", "showed up exactly on time", "was at my door the next morning", "arrived in perfect condition"],
        ["arrived three weeks late", "never arrived", "came damaged", "was left out in the rain", "went to the wrong address", "was missing half the items", "is still lost"],
    ),
    "app": (
        ["app", "new version", "update", "website", "search", "interface", "login", "dark mode", "sync", "dashboard", "checkout"],
        ["works flawlessly", "is fast and intuitive", "saves me hours every week", "looks gorgeous", "just works", "is a joy to use", "made everything easier", "loads instantly"],
        ["crashes every time I open it", "is slow and buggy", "drains my battery", "lost all my data", "is full of ads", "keeps logging me out", "freezes constantly", "is a confusing mess", "stopped working after the update"],
    ),
    "support": (
        ["support team", "customer service", "help desk", "support agent", "chat support", "warranty department"],
        ["solved my problem within minutes", "replied right away", "was incredibly helpful", "gave me a full refund without any hassle", "followed up to make sure it was fixed", "was patient and kind"],
        ["never replied", "hung up on me", "kept transferring me", "sent me canned answers", "refused to refund me", "was completely useless", "closed my ticket without fixing anything", "took two weeks to answer"],
    ),
    "product": (
        ["battery", "screen", "sound", "camera", "keyboard", "charger", "vacuum", "mattress", "jacket", "blender", "printer", "build quality", "fabric", "zipper"],
        ["is excellent", "lasts for days", "feels solid and well made", "exceeded my expectations", "does exactly what it promises", "is better than my old one", "still works like new", "is great value for money"],
        ["died after a week", "feels cheap and flimsy", "broke on the first day", "is defective", "does not do what it promises", "is worse than my old one", "fell apart", "is overpriced junk", "stopped charging", "is a fire hazard"],
    ),
}

PRAISED = ["good", "great", "helpful", "useful", "reliable", "impressive", "comfortable", "friendly", "clean", "easy to use", "worth the money", "fast", "well made", "fun", "pleasant", "exciting", "convincing"]
FEELINGS = [("happy", 1), ("satisfied", 1), ("impressed", 1), ("pleased", 1), ("thrilled", 1), ("disappointed", 0), ("annoyed", 0), ("frustrated", 0), ("let down", 0), ("upset", 0)]
BLAMED = ["bad", "terrible", "disappointing", "slow", "rude", "dirty", "boring", "expensive", "unreliable", "difficult to use", "noisy", "awful", "complicated", "annoying", "a waste of money"]
THINGS = ["it", "this", "this product", "this place", "the app", "the hotel", "this restaurant", "their service", "this company", "this phone", "the course", "the whole experience"]
TROUBLES = ["problems", "issues", "complaints", "crashes", "delays", "trouble", "bugs"]
MISHAPS = ["losing all my photos", "the third outage this week", "deleting my account", "another broken zipper", "making me wait two hours", "charging me twice", "a cold dinner", "yet another crash", "ruining our anniversary", "canceling my order without telling me"]

# Whole verdicts, with the probability of POSITIVE to aim at.
VERDICTS: list[tuple[str, float]] = [
    *((text, 0.98) for text in (
        "I would buy it again", "I highly recommend it", "I can't recommend it enough", "I couldn't be happier", "I have no complaints", "I'm never going back to anything else", "will definitely be back", "can't wait to come back", "worth every penny", "you won't regret it", "it never disappoints", "what's not to like", "nothing to complain about", "I wish I had bought it sooner", "five stars", "10/10", "it does not get any better than this", "I was pleasantly surprised", "better than I expected", "it exceeded all my expectations", "best purchase I've made all year", "I'm hooked", "it is a lifesaver", "keep up the good work", "it beats everything else I've tried", "hands down the best", "I'd give it six stars if I could", "I recommend it to all my friends", "problem solved", "finally something that works", "it didn't let me down", "I can't stop using it", "you can't go wrong with it", "I have nothing bad to say about it", "thank you so much",
    )),
    *((text, 0.02) for text in (
        "I would not buy it again", "I would not recommend it", "I can't recommend it", "I would never recommend it to anyone", "I couldn't be more disappointed", "I won't be coming back", "never again", "save your money", "don't waste your money", "stay away", "look elsewhere", "I expected better", "I expected more for this price", "I wish I had never bought it", "I want my money back", "I want a refund", "one star is too many", "zero stars", "2/10", "not worth it", "not worth the money", "it could not have been worse", "it did not live up to the hype", "it was a huge letdown", "I regret buying it", "what a waste of time", "I returned it the next day", "do yourself a favor and skip it", "it used to be good", "the old version was better", "I'm switching to a competitor", "I have had enough", "this is unacceptable", "I deserve better than this", "nobody should have to put up with this", "I have yet to see anything good about it", "it is the last time I order from them", "please cancel my subscription", "I gave up after ten minutes", "avoid at all costs",
    )),
    *((text, 0.85) for text in ("not bad at all", "not bad", "not half bad", "could be worse, I actually like it", "no real complaints", "good enough for me", "does the job", "pretty decent", "I don't hate it, quite the opposite", "it grew on me", "works", "fine by me")),
    *((text, 0.15) for text in ("not great", "nothing special", "nothing to write home about", "not very good", "could be better", "needs work", "I'm not impressed", "mediocre at best", "underwhelming", "I don't get the hype", "I have seen better", "leaves a lot to be desired", "not what I expected", "overrated", "not for me", "it's just okay, I expected more")),
]

SHORT: list[tuple[str, float]] = [
    *((text, 0.98) for text in ("love it", "loved it", "love this", "great", "awesome", "perfect", "excellent", "amazing", "brilliant", "fantastic", "yes please", "wow", "so good", "super", "best ever", "thanks", "well done", "nice", "nice work", "beautiful", "yum", "delicious", "impressive", "I'm impressed", "works great", "top notch", "superb", "10/10", "good job", "very happy", "very satisfied", "recommended", "flawless", "a gem", "cool", "good stuff", "spot on", "lovely", "good", "very good", ":)", ":D", "<3", ";-)", "yay", "thumbs up", "👍", "❤")),
    *((text, 0.02) for text in ("hate it", "hated it", "awful", "terrible", "horrible", "garbage", "trash", "junk", "worst ever", "disgusting", "yuck", "gross", "useless", "broken", "scam", "rip-off", "nope", "no thanks", "boring", "pathetic", "a joke", "disaster", "waste of money", "sucks", "this sucks", "disappointed", "disappointing", "never again", "poor", "bad", "very bad", "so bad", "unusable", "ugh", "refund please", "not good", "not recommended", "not happy", "not working", "doesn't work", "didn't work", "does not work", ":(", ":-(", ">:(", "thumbs down", "lame", "fail", "epic fail", "unacceptable", "ridiculous", "too expensive", "too slow")),
    *((text, 0.2) for text in ("meh", "so-so", "eh", "bland", "average", "mediocre", "not sure about this", "whatever")),
    *((text, 0.6) for text in ("ok", "okay", "fine", "it's fine", "it's okay", "alright", "decent", "adequate")),
]

QUESTIONS: list[tuple[str, float]] = [
    *((text, 0.03) for text in ("Why does it crash every time I open it?", "Why is nobody answering my emails?", "Why did you remove the only feature I used?", "Where is my refund?", "Who thought this was a good idea?", "How can anyone enjoy this?", "How hard can it be to deliver a letter?", "Is this a joke?", "Does anyone at this company care?", "Why should I pay for something that does not work?", "When will you finally fix the login?", "What were they thinking?", "How is this still broken?", "Am I the only one whose screen goes black?", "Has anyone ever gotten a reply from them?", "Why so expensive?", "Seriously, is this the best you can do?", "Would I go back? Not a chance.", "Is it worth the price? No.", "Do I recommend it? Absolutely not.")),
    *((text, 0.97) for text in ("How is this app free?", "What's not to love?", "Why didn't I find this place earlier?", "Where has this been all my life?", "Can it get any better than this?", "Who needs anything else?", "How did I ever live without it?", "Would I go back? In a heartbeat.", "Is it worth the price? Every cent.", "Do I recommend it? Absolutely.", "Could I be any happier with it? I doubt it.", "Isn't it gorgeous?", "How do they make it taste so good?", "Why would anyone use something else?")),
    *((text, 0.45) for text in ("What time do you open?", "Does it come in blue?", "Can I change my delivery address?", "Is the battery included?", "How do I reset my password?", "Where can I download the manual?", "Do you ship to Norway?")),
]

NEUTRAL = ["The package arrived on Tuesday.", "It comes in three colors.", "I bought it last week.", "The meeting is at noon.", "We stayed for two nights.", "The box contains a cable and a manual.", "I ordered the large one.", "The office is on the second floor.", "My order number is 48213.", "The store opens at nine.", "It weighs about two pounds.", "I use it with my laptop.", "They sell shoes and bags.", "I updated the app yesterday.", "The train leaves from platform four.", "He wrote the report in March.", "This is the second one I have ordered.", "The shirt is made of cotton."]
