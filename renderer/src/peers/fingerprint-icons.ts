/** The pictures of fingerprints by the names that the peer gives them. */
import type { Component } from 'svelte';
import Anchor from '@lucide/svelte/icons/anchor';
import Apple from '@lucide/svelte/icons/apple';
import Axe from '@lucide/svelte/icons/axe';
import Banana from '@lucide/svelte/icons/banana';
import Bell from '@lucide/svelte/icons/bell';
import Bike from '@lucide/svelte/icons/bike';
import Bird from '@lucide/svelte/icons/bird';
import Bone from '@lucide/svelte/icons/bone';
import Book from '@lucide/svelte/icons/book';
import Bug from '@lucide/svelte/icons/bug';
import Bus from '@lucide/svelte/icons/bus';
import Cake from '@lucide/svelte/icons/cake';
import Camera from '@lucide/svelte/icons/camera';
import Car from '@lucide/svelte/icons/car';
import Carrot from '@lucide/svelte/icons/carrot';
import Castle from '@lucide/svelte/icons/castle';
import Cat from '@lucide/svelte/icons/cat';
import Cherry from '@lucide/svelte/icons/cherry';
import Clock from '@lucide/svelte/icons/clock';
import Cloud from '@lucide/svelte/icons/cloud';
import Clover from '@lucide/svelte/icons/clover';
import Crown from '@lucide/svelte/icons/crown';
import Diamond from '@lucide/svelte/icons/diamond';
import Dog from '@lucide/svelte/icons/dog';
import Drum from '@lucide/svelte/icons/drum';
import Egg from '@lucide/svelte/icons/egg';
import Feather from '@lucide/svelte/icons/feather';
import Fish from '@lucide/svelte/icons/fish';
import Flame from '@lucide/svelte/icons/flame';
import Flower from '@lucide/svelte/icons/flower';
import Gem from '@lucide/svelte/icons/gem';
import Ghost from '@lucide/svelte/icons/ghost';
import Gift from '@lucide/svelte/icons/gift';
import Glasses from '@lucide/svelte/icons/glasses';
import Grape from '@lucide/svelte/icons/grape';
import Guitar from '@lucide/svelte/icons/guitar';
import Hammer from '@lucide/svelte/icons/hammer';
import Heart from '@lucide/svelte/icons/heart';
import Hourglass from '@lucide/svelte/icons/hourglass';
import House from '@lucide/svelte/icons/house';
import Key from '@lucide/svelte/icons/key';
import Lamp from '@lucide/svelte/icons/lamp';
import Leaf from '@lucide/svelte/icons/leaf';
import Magnet from '@lucide/svelte/icons/magnet';
import Moon from '@lucide/svelte/icons/moon';
import Mountain from '@lucide/svelte/icons/mountain';
import Music from '@lucide/svelte/icons/music';
import Plane from '@lucide/svelte/icons/plane';
import Puzzle from '@lucide/svelte/icons/puzzle';
import Rabbit from '@lucide/svelte/icons/rabbit';
import Rocket from '@lucide/svelte/icons/rocket';
import Rose from '@lucide/svelte/icons/rose';
import Sailboat from '@lucide/svelte/icons/sailboat';
import Scissors from '@lucide/svelte/icons/scissors';
import Shell from '@lucide/svelte/icons/shell';
import Snail from '@lucide/svelte/icons/snail';
import Snowflake from '@lucide/svelte/icons/snowflake';
import Star from '@lucide/svelte/icons/star';
import Sun from '@lucide/svelte/icons/sun';
import Tent from '@lucide/svelte/icons/tent';
import Turtle from '@lucide/svelte/icons/turtle';
import Umbrella from '@lucide/svelte/icons/umbrella';
import Wheat from '@lucide/svelte/icons/wheat';
import Wrench from '@lucide/svelte/icons/wrench';

/** What draws a picture of that name; undefined for one that this interface does not have. */
export function fingerprintIcon(name: string): Component<{ size?: number | string }> | undefined {
  return ICONS[name];
}

const ICONS: Record<string, Component<{ size?: number | string }>> = {
  anchor: Anchor,
  apple: Apple,
  axe: Axe,
  banana: Banana,
  bell: Bell,
  bike: Bike,
  bird: Bird,
  bone: Bone,
  book: Book,
  bug: Bug,
  bus: Bus,
  cake: Cake,
  camera: Camera,
  car: Car,
  carrot: Carrot,
  castle: Castle,
  cat: Cat,
  cherry: Cherry,
  clock: Clock,
  cloud: Cloud,
  clover: Clover,
  crown: Crown,
  diamond: Diamond,
  dog: Dog,
  drum: Drum,
  egg: Egg,
  feather: Feather,
  fish: Fish,
  flame: Flame,
  flower: Flower,
  gem: Gem,
  ghost: Ghost,
  gift: Gift,
  glasses: Glasses,
  grape: Grape,
  guitar: Guitar,
  hammer: Hammer,
  heart: Heart,
  hourglass: Hourglass,
  house: House,
  key: Key,
  lamp: Lamp,
  leaf: Leaf,
  magnet: Magnet,
  moon: Moon,
  mountain: Mountain,
  music: Music,
  plane: Plane,
  puzzle: Puzzle,
  rabbit: Rabbit,
  rocket: Rocket,
  rose: Rose,
  sailboat: Sailboat,
  scissors: Scissors,
  shell: Shell,
  snail: Snail,
  snowflake: Snowflake,
  star: Star,
  sun: Sun,
  tent: Tent,
  turtle: Turtle,
  umbrella: Umbrella,
  wheat: Wheat,
  wrench: Wrench,
};
